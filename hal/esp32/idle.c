#include "freertos/FreeRTOS.h"

/*
 * Called by the idle task before it waits for an interrupt. Changes the interrupt threshold and back: QEMU's ESP32-C3 looks
 * only then for interrupts that came while they were masked, so that a tick during a switch of tasks would be the last one.
 * A chip looks by itself, and does not mind.
 */
void vApplicationIdleHook(void)
{
	portCLEAR_INTERRUPT_MASK_FROM_ISR(portSET_INTERRUPT_MASK_FROM_ISR());
}
