#ifndef HOST_H
#define HOST_H

#include "xsAll.h"
#include "xsScript.h"

/* Exit code of a machine that ended by itself: 10 + XS's own status (11 memory, 12 stack, 15 exception, 16 keys, 18 rejection). */
#define EXIT_BASE 10
/* The program asked for a restart. */
#define EXIT_RESTART 3

/* Frames on stdin and stdout: type (1 byte), port (1), payload length (4, little-endian), payload. */
typedef struct {
	txU1 type;
	txU1 port;
	txU4 length;
	txU1* payload;
} Frame;

/* host.c */
extern txCreation gDevice;
extern void fail(const char* message, const char* detail);
extern txString option(const char* name);

/* machine.c */
extern txMachine* createRoot(txString path);
extern void end(txMachine* the, int code, const char* reason);
extern void measureNeed(txMachine* the);
extern void runJobs(txMachine* the);
extern double computrons(txMachine* the);

/* board.c */
extern txSlot gListener;
extern void buildBoard(txMachine* the);
extern void openBoard(void);
extern void writeFrame(int type, int port, const void* payload, txU4 length);
extern int readFrame(Frame* frame);
extern void receiveSerial(int port, const txU1* bytes, txU4 length);

#endif
