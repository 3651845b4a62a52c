// SPDX-License-Identifier: MIT
// Bits of the registers: PC16550D data sheet, table II and sections 8.1 to 8.9.
#ifndef UART16550_UART_BITS_H
#define UART16550_UART_BITS_H

// IER
#define UART_WANT_RECEIVE 0x01u
#define UART_WANT_TRANSMIT 0x02u
#define UART_WANT_STATUS 0x04u
#define UART_WANT_ZEROS 0xf0u // always 0
// IIR
#define UART_REASON_NONE 0x01u
#define UART_REASON_MASK 0x0eu
#define UART_REASON_TRANSMIT 0x02u
#define UART_REASON_DATA 0x04u
#define UART_REASON_STATUS 0x06u
#define UART_REASON_OLD_DATA 0x0cu // fewer than the trigger level, for the time of four bytes
#define UART_REASON_FIFOS 0xc0u    // both on
// FCR
#define UART_FIFO_ON 0x01u
#define UART_FIFO_CLEAR 0x06u // both
#define UART_FIFO_TRIGGER_8 0x80u
// LCR
#define UART_LINE_8N1 0x03u
#define UART_LINE_DIVISOR 0x80u // DLAB
// MCR
#define UART_MODEM_READY 0x01u // DTR
#define UART_MODEM_SEND 0x02u  // RTS
#define UART_MODEM_OUT1 0x04u
#define UART_MODEM_OUT2 0x08u  // on PCs: interrupts reach their line
#define UART_MODEM_LOOP 0x10u
// LSR
#define UART_STATUS_DATA 0x01u
#define UART_STATUS_OVERRUN 0x02u
#define UART_STATUS_DAMAGED 0x1cu // parity, framing, break: of the byte that is read next
#define UART_STATUS_TAKES 0x20u   // THRE: the transmitter's FIFO is empty
#define UART_STATUS_EMPTY 0x40u   // TEMT: and its shift register
// MSR
#define UART_MODEM_INPUTS 0xf0u // CTS, DSR, RI, DCD: in loopback RTS, DTR, OUT1, OUT2

#endif
