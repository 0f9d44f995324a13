using System.Net.WebSockets;

namespace Twin;

/// <summary>WebSockets that send every message back, and end in good order when the app does.</summary>
sealed class Sockets(CancellationToken stopping)
{
    const int MaxMessage = 1 << 20; // bytes

    public async Task Serve(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await Refuse(context);
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        using var told = stopping.Register(() => _ = Close(socket, WebSocketCloseStatus.EndpointUnavailable, null));
        try
        {
            await Echo(socket, context.RequestAborted);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    static async Task Echo(WebSocket socket, CancellationToken gone)
    {
        var buffer = new byte[16 << 10];
        for (var length = 0; ;)
        {
            if (length == buffer.Length) Array.Resize(ref buffer, 2 * length);
            var got = await socket.ReceiveAsync(buffer.AsMemory(length), gone);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                await Close(socket, socket.CloseStatus ?? WebSocketCloseStatus.Empty, socket.CloseStatusDescription);
                return;
            }
            if ((length += got.Count) > MaxMessage)
            {
                await Close(socket, WebSocketCloseStatus.MessageTooBig, null);
                return;
            }
            if (!got.EndOfMessage) continue;
            await Send(socket, buffer.AsMemory(0, length), got.MessageType, gone);
            length = 0;
        }
    }

    /// <summary>Sends a message, unless this side has said that it sends no more.</summary>
    static async Task Send(WebSocket socket, ReadOnlyMemory<byte> message, WebSocketMessageType kind, CancellationToken gone)
    {
        try
        {
            if (socket.State == WebSocketState.Open) await socket.SendAsync(message, kind, true, gone);
        }
        catch (Exception late) when (late is WebSocketException or InvalidOperationException && socket.State == WebSocketState.CloseSent)
        {
            // Said in between: the client's own word of the end is still to come.
        }
    }

    /// <summary>Says that this side sends no more; nothing if it has said so, or the client has gone.</summary>
    static async Task Close(WebSocket socket, WebSocketCloseStatus status, string? why)
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(status, status == WebSocketCloseStatus.Empty ? null : why, CancellationToken.None);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    /// <summary>Answers a request that asks for no WebSocket, or not well, with the Go library's words.</summary>
    static Task Refuse(HttpContext context)
    {
        var (request, headers) = (context.Request, context.Response.Headers);
        const string violation = "WebSocket protocol violation: ";
        if (!Has(request.Headers.Connection, "Upgrade") || !Has(request.Headers.Upgrade, "websocket"))
        {
            var connection = !Has(request.Headers.Connection, "Upgrade");
            headers.Connection = "keep-alive, Upgrade"; // without the first Kestrel closes the connection and does not say so
            headers.Upgrade = "websocket";
            return Answers.Error(context, 426, violation + (connection
                ? $"Connection header \"{First(request.Headers.Connection)}\" does not contain Upgrade"
                : $"Upgrade header \"{First(request.Headers.Upgrade)}\" does not contain websocket"));
        }
        if (!HttpMethods.IsGet(request.Method)) return Answers.Error(context, 405, violation + $"handshake request method is not GET but \"{request.Method}\"");
        if (First(request.Headers.SecWebSocketVersion) != "13")
        {
            headers.SecWebSocketVersion = "13";
            return Answers.Error(context, 400, $"unsupported WebSocket protocol version (only 13 is supported): \"{First(request.Headers.SecWebSocketVersion)}\"");
        }
        var keys = request.Headers.SecWebSocketKey;
        return Answers.Error(context, 400, violation + keys.Count switch
        {
            0 => "missing Sec-WebSocket-Key",
            1 => $"invalid Sec-WebSocket-Key \"{First(keys).Trim()}\", must be a 16 byte base64 encoded string",
            _ => "multiple Sec-WebSocket-Key headers",
        });
    }

    static string First(Microsoft.Extensions.Primitives.StringValues values) => values.Count > 0 ? values[0] ?? "" : "";

    static bool Has(Microsoft.Extensions.Primitives.StringValues values, string token) =>
        values.Any(v => v is not null && v.Split(',').Any(t => t.Trim().Equals(token, StringComparison.OrdinalIgnoreCase)));
}
