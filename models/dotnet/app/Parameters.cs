using System.Globalization;

namespace Twin;

/// <summary>The paths that end in a number.</summary>
static class Parameters
{
    // Bounds of the parameters. Beyond them is 400.
    const int MaxBytes = 64 << 20, MaxMicros = 60_000_000, MaxChunks = 100_000;

    static readonly byte[] Chunk = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n"u8.ToArray();
    static readonly byte[] Block = MakeBlock();

    public static Task Answer(HttpContext context, string path)
    {
        var cut = path.IndexOf('/', 1);
        var last = cut < 0 ? "" : path[(cut + 1)..];
        if (last.Length == 0 || last.Contains('/')) return Answers.Error(context, 404, "404 page not found");
        switch (path[..cut])
        {
            case "/bytes": return Number(context, "n", last, MaxBytes, out var n) ?? Bytes(context, n);
            case "/busy": return Number(context, "us", last, MaxMicros, out var us) ?? Busy(context, us);
            case "/sleep": return Number(context, "us", last, MaxMicros, out var micros) ?? Sleep(context, micros);
            case "/stream": return Number(context, "chunks", last, MaxChunks, out var chunks) ?? Stream(context, chunks);
        }
        return Answers.Error(context, 404, "404 page not found");
    }

    /// <summary>Reads a number as Go's strconv.Atoi does; null if it is one, else the task that answers 400.</summary>
    static Task? Number(HttpContext context, string name, string text, int most, out int n)
    {
        var digits = text[0] is '+' or '-' ? text.AsSpan(1) : text;
        if (!digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9') &&
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= 0 && value <= most)
        {
            n = (int)value;
            return null;
        }
        n = 0;
        return Answers.Error(context, 400, $"{name}: a whole number from 0 to {most}");
    }

    static async Task Bytes(HttpContext context, int n)
    {
        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = n;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        for (int m; n > 0; n -= m)
        {
            m = Math.Min(n, Block.Length);
            await context.Response.Body.WriteAsync(Block.AsMemory(0, m), context.RequestAborted);
        }
    }

    /// <summary>What /bytes repeats: the Go app's bytes.</summary>
    static byte[] MakeBlock()
    {
        var block = new byte[8 << 10];
        var x = 2463534242u; // xorshift32, Marsaglia 2003
        for (var i = 0; i < block.Length; i++)
        {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
            block[i] = (byte)('A' + (byte)(x >> 24) % 58);
        }
        return block;
    }

    static Task Busy(HttpContext context, int us)
    {
        Burn.For(us);
        return Answers.Fixed(context, Answers.Text, Answers.Done);
    }

    static async Task Sleep(HttpContext context, int us)
    {
        try
        {
            // Timers of .NET count whole milliseconds: never shorter than what was asked.
            if (us > 0) await Task.Delay((us + 999) / 1000, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            return; // the client has gone
        }
        await Answers.Fixed(context, Answers.Text, Answers.Done);
    }

    static async Task Stream(HttpContext context, int chunks)
    {
        context.Response.ContentType = Answers.Text;
        for (; chunks > 0; chunks--)
        {
            await context.Response.Body.WriteAsync(Chunk, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
