"""The official Python client can only speak to port 80: a port in the URL makes it fail. This listens there, on a
loopback address of its own, and passes bytes on to the server."""

import socket
import threading

HOST = "127.77.0.1"
PORT = 80
CHUNK_BYTES = 65536


def _pass_on(source, target):
    try:
        while chunk := source.recv(CHUNK_BYTES):
            target.sendall(chunk)
    except OSError:
        pass
    for end, how in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        try:
            end.shutdown(how)
        except OSError:
            pass


class Forwarder:
    """Listens on 127.77.0.1:80 (which needs root) until it is closed."""

    url = f"http://{HOST}"

    def __init__(self, address):
        self._address = address
        self._listener = socket.create_server((HOST, PORT))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        with client:
            try:
                server = socket.create_connection(self._address)
            except OSError:
                return
            with server:
                back = threading.Thread(target=_pass_on, args=(server, client), daemon=True)
                back.start()
                _pass_on(client, server)
                back.join()

    def close(self):
        """Stops listening; connections that are open end by themselves."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
