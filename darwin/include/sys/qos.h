// SPDX-License-Identifier: MIT
// Quality of service. Facts: libpthread's <sys/qos.h>.
#ifndef DARWIN_INCLUDE_SYS_QOS_H
#define DARWIN_INCLUDE_SYS_QOS_H

#ifdef __cplusplus
extern "C" {
#endif
typedef unsigned qos_class_t;
enum {
	QOS_CLASS_USER_INTERACTIVE = 0x21,
	QOS_CLASS_USER_INITIATED = 0x19,
	QOS_CLASS_DEFAULT = 0x15,
	QOS_CLASS_UTILITY = 0x11,
	QOS_CLASS_BACKGROUND = 0x09,
	QOS_CLASS_UNSPECIFIED = 0
};
struct pthread;
int pthread_set_qos_class_self_np(qos_class_t, int);
int pthread_get_qos_class_np(struct pthread *, qos_class_t *, int *);
qos_class_t qos_class_self(void);
qos_class_t qos_class_main(void);
#ifdef __cplusplus
}
#endif

#endif
