// SPDX-License-Identifier: MIT
// The functions behind the table of commands, by file.
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli.h"

#define COMMAND(name) int command_##name(struct cli *cli, struct arguments *arguments)

// seats.c
COMMAND(seats);
COMMAND(start);
COMMAND(stop);
COMMAND(restart);
// devices.c
COMMAND(devices);
COMMAND(drivers);
// driver.c
COMMAND(driver);
// seat.c
COMMAND(seat);
// tasks.c
COMMAND(ps);
COMMAND(kill);
// inject.c
COMMAND(inject);
// ports.c
COMMAND(ports);
// graph_show.c
COMMAND(graph);
// top.c
COMMAND(top);
// log.c
COMMAND(log);
// trace.c
COMMAND(trace);
// files.c
COMMAND(ls);
COMMAND(stat);
// mount.c
COMMAND(mount);
// change.c
COMMAND(write);
COMMAND(mkdir);
COMMAND(rm);
COMMAND(mv);
// copy.c
COMMAND(cat);
COMMAND(cp);
// volumes.c
COMMAND(volumes);
// bus.c
COMMAND(bus);
// system.c
COMMAND(shutdown);
// help.c
COMMAND(help);

#endif
