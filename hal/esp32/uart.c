#include <stdint.h>
#include "hal/uart_ll.h"

/* How many bytes wait in a UART's receive FIFO when it interrupts. */
void uart_receive_threshold(int32_t port, int32_t bytes)
{
	uart_ll_set_rxfifo_full_thr(UART_LL_GET_HW(port), bytes);
}
