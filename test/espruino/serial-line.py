# A serial line for a test: two pseudo-terminals, and everything that comes out of one goes into the other. Nothing of it is the project's.
# Prints the files of both ends, and a line for each chunk that it has spoiled. A line `noise PER_MILLE` on its input says how many chunks of a thousand get garbage in front, lose or change a byte.
import os
import pty
import random
import select
import sys
import tty

dice = random.Random(int(sys.argv[1]))
ends = [pty.openpty() for _ in range(2)]
for end in ends:
    for each in end:
        tty.setraw(each)
masters = [master for master, _ in ends]
for master in masters:
    os.set_blocking(master, False)
print(*[os.ttyname(slave) for _, slave in ends], flush=True)
noise = 0


def spoiled(chunk):
    if dice.randrange(1000) >= noise:
        return chunk
    print("spoiled", flush=True)
    at = dice.randrange(len(chunk))
    garbage = dice.randbytes(dice.choice([1, 1, 1, 16, 600]))
    return dice.choice([garbage + chunk, chunk[:at] + chunk[at + 1 :], chunk[:at] + garbage[:1] + chunk[at + 1 :]])


while True:
    for source in select.select([*masters, 0], [], [])[0]:
        data = os.read(source, 256)
        if source == 0:
            if not data:
                sys.exit()
            noise = int(data.split()[-1])
        else:
            try:
                os.write(masters[1 - masters.index(source)], spoiled(data))
            except BlockingIOError:
                # Nobody takes it: it is lost, as on a cable.
                pass
