// An ordinary ASP.NET Core app that fails in the way that FAULT names, or that a request
// asks for.
using System.Globalization;

var fault = Environment.GetEnvironmentVariable("FAULT");
switch (fault)
{
    case "thr": throw new InvalidOperationException("thrown in Main");
    case "ret": return 7;
    case "ext": Environment.Exit(3); break;
    case "fast": Environment.FailFast("failed fast in Main"); break;
    case "hng": Thread.Sleep(Timeout.Infinite); break;
    case "slow": Thread.Sleep(2000); break;
}
var builder = WebApplication.CreateBuilder(args);
if (fault == "svc") builder.Services.AddHostedService<Failing>();
var app = builder.Build();
var (waiting, gone, served) = (0, 0, 0L);
var keep = new List<byte[]>();
var collecting = 0;

// The server's contexts that are still referenced by something after their request leak.
var contexts = new System.Collections.Concurrent.ConcurrentQueue<WeakReference>();
app.Use((context, next) =>
{
    if (collecting == 1) contexts.Enqueue(new WeakReference(context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()));
    return next(context);
});
app.UseWebSockets();
app.MapGet("/ws", async (HttpContext context) =>
{
    using var socket = await context.WebSockets.AcceptWebSocketAsync();
    var buffer = new byte[16 << 10];
    for (; ; )
    {
        var got = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
        if (got.MessageType == System.Net.WebSockets.WebSocketMessageType.Close) break;
        await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, context.RequestAborted);
    }
    await socket.CloseOutputAsync(System.Net.WebSockets.WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
});
app.MapGet("/hello", () => { Interlocked.Increment(ref served); return "hello from " + Environment.ProcessId.ToString(CultureInfo.InvariantCulture); });
app.MapGet("/counts", () => $"waiting {waiting} gone {gone}");
app.MapGet("/wait", async (HttpContext context) =>
{
    Interlocked.Increment(ref waiting);
    try
    {
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }
    finally
    {
        Interlocked.Decrement(ref waiting);
        Interlocked.Increment(ref gone);
    }
});
app.MapGet("/sleep/{ms:int}", async (int ms) => { await Task.Delay(ms); return "slept"; });
app.MapGet("/stop", (IHostApplicationLifetime lifetime) => { lifetime.StopApplication(); return "stopping"; });
app.MapGet("/program", async () =>
{
    using var program = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("cat", "/proc/self/status") { RedirectStandardOutput = true })!;
    return await program.StandardOutput.ReadToEndAsync();
});
app.MapGet("/exit", () => Environment.Exit(3));
app.MapGet("/failfast", () => Environment.FailFast("failed fast in a request"));
app.MapGet("/thread", () => { new Thread(() => throw new InvalidOperationException("thrown on a thread")).Start(); Thread.Sleep(Timeout.Infinite); });
app.MapGet("/overflow", () => Deeper(1));
app.MapGet("/memory", () => { for (; ; ) { var block = new byte[64 << 20]; Array.Fill(block, (byte)1); keep.Add(block); } });
app.MapGet("/null", (HttpContext context) => { string? none = context.Request.Query["no"].FirstOrDefault(); return none!.Length.ToString(CultureInfo.InvariantCulture); });
app.MapGet("/gone", async (HttpContext context) => { await context.Response.WriteAsync("some"); context.Abort(); });
app.MapPost("/echo", async (HttpContext context) => { context.Response.ContentLength = context.Request.ContentLength; await context.Request.Body.CopyToAsync(context.Response.Body); });
app.MapGet("/big/{n:int}", async (HttpContext context, int n) =>
{
    context.Response.ContentLength = n;
    var block = new byte[64 << 10];
    Array.Fill(block, (byte)'x');
    for (var left = n; left > 0; left -= block.Length) await context.Response.Body.WriteAsync(block.AsMemory(0, Math.Min(left, block.Length)));
});
// What the runtime holds once all garbage is gone: bytes, pinned objects, contexts of
// requests, requests that wait.
app.MapGet("/heap", () =>
{
    for (var i = 0; i < 3; i++)
    {
        GC.Collect(2, GCCollectionMode.Forced, true, true);
        GC.WaitForPendingFinalizers();
    }
    var alive = 0;
    for (var n = contexts.Count; n > 0 && contexts.TryDequeue(out var one); n--)
    {
        if (!one.IsAlive) continue;
        alive++;
        contexts.Enqueue(one);
    }
    return $"{GC.GetTotalMemory(true)} {GC.GetGCMemoryInfo(GCKind.FullBlocking).PinnedObjectsCount} {alive} {waiting}";
});
// Collects and compacts without a pause, so that whatever is not pinned moves, and catches
// null references.
app.MapGet("/collect/{on:int}", (int on) =>
{
    if (Interlocked.Exchange(ref collecting, on) == 0 && on == 1)
        new Thread(() =>
        {
            var random = new Random(1);
            var moved = new byte[500][];
            while (collecting == 1)
            {
                for (var i = 0; i < 500; i++) moved[random.Next(500)] = new byte[random.Next(20000)];
                GC.Collect(2, GCCollectionMode.Forced, true, true);
                for (var i = 0; i < 20; i++) Catch(null);
                Thread.Sleep(1);
            }
        })
        { IsBackground = true }.Start();
    return GC.CollectionCount(2).ToString(CultureInfo.InvariantCulture);
});
if (fault == "two")
{
    await app.StartAsync();
    var another = WebApplication.Create(args);
    another.Run();
}
app.Run();
return 0;

static int Deeper(int n) => n == 0 ? 0 : Deeper(n + 1) + 1;

static int Catch(string? none)
{
    try { return none!.Length; }
    catch (NullReferenceException) { return 0; }
}

/// <summary>A service that does not start.</summary>
sealed class Failing : IHostedService
{
    public Task StartAsync(CancellationToken _) => throw new InvalidOperationException("thrown in a service");
    public Task StopAsync(CancellationToken _) => Task.CompletedTask;
}
