#include <stdlib.h>

/* A variable of the process's environment; empty when it is not set. */
const char *environment(char *name)
{
	const char *value = getenv(name);
	return value ? value : "";
}
