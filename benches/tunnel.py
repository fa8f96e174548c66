"""Lets a program that knows nothing of proxies speak through one: takes connections and passes each through a tunnel.

    tunnel.py LISTEN_PORT PROXY_PORT AUTHORITY
"""

import asyncio
import sys


async def main(listen_port, proxy_port, authority):
    """Serves until the process ends."""

    async def serve(reader, writer):
        """One connection, through a tunnel of its own."""
        inner, outer = await asyncio.open_connection("127.0.0.1", proxy_port)
        outer.write(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n".encode())
        await inner.readuntil(b"\r\n\r\n")
        await asyncio.gather(copy(reader, outer), copy(inner, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", listen_port)
    async with server:
        await server.serve_forever()


async def copy(reader, writer):
    """Passes bytes on until one side ends."""
    try:
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
