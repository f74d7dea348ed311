# A serial cable for an attacker: a pseudo-terminal, whose other end is this program's own input and output. Prints the file of the end, and a line feed, first.
import os
import pty
import select
import sys
import tty

master, slave = pty.openpty()
for end in (master, slave):
    tty.setraw(end)
# The end stays open here: a program that opens and closes it pulls no plug.
sys.stdout.write(os.ttyname(slave) + "\n")
sys.stdout.flush()
os.set_blocking(master, False)
while True:
    for source in select.select([master, 0], [], [])[0]:
        data = os.read(source, 4096)
        if source == master:
            os.write(1, data)
        elif not data:
            sys.exit()
        else:
            while data:
                try:
                    data = data[os.write(master, data) :]
                except BlockingIOError:
                    # Nobody takes it: what does not fit is lost, as on a cable.
                    if not select.select([], [master], [], 0.5)[1]:
                        data = b""
