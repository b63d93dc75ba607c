"""A new pty, or a serial device, on stdin and stdout: port.py | port.py DEVICE BAUD.

Tells the port's name on stderr. Lines on descriptor 3 are new rates for the device.
"""

import os
import pty
import select
import sys
import termios
import tty


def open_pty():
    controller, port = pty.openpty()
    tty.setraw(port)
    # The port stays open here, so that a program may open and close it as often as it likes.
    return controller, os.ttyname(port)


def open_device(path, baud):
    port = os.open(path, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(port)
    set_rate(port, baud)
    return port, path


def set_rate(port, baud):
    settings = termios.tcgetattr(port)
    settings[4] = settings[5] = getattr(termios, "B" + baud)
    termios.tcsetattr(port, termios.TCSADRAIN, settings)


def write(port, data):
    """What nobody reads is lost, as on a wire."""
    try:
        while data:
            data = data[os.write(port, data) :]
    except BlockingIOError:
        pass


def main():
    port, name = open_device(*sys.argv[1:]) if len(sys.argv) == 3 else open_pty()
    os.set_blocking(port, False)
    print(name, file=sys.stderr, flush=True)
    while True:
        ready, _, _ = select.select([0, 3, port], [], [])
        if port in ready:
            os.write(1, os.read(port, 4096))
        if 3 in ready:
            for baud in os.read(3, 4096).decode().split():
                set_rate(port, baud)
        if 0 in ready:
            data = os.read(0, 4096)
            if not data:
                return
            write(port, data)


try:
    main()
except (OSError, AttributeError, termios.error) as error:
    sys.exit(f"{' '.join(sys.argv[1:]) or 'pty'}: {error}")
