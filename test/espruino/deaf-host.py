# A host that reads nothing, on a machine that takes little: a server with a small window. Prints its port, then a line when somebody has connected. Sends him each line of the
# input, but reads from "listen" on, and prints what it reads.
import socket
import sys
import threading

server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
server.bind(("127.0.0.1", 0))
server.listen(1)
print(server.getsockname()[1], flush=True)
connection, _ = server.accept()
print("connected", flush=True)


def listen():
    while data := connection.recv(65536):
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


for line in sys.stdin.buffer:
    if line == b"listen\n":
        threading.Thread(target=listen, daemon=True).start()
    else:
        connection.sendall(line)
