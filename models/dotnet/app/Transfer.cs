using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Twin;

/// <summary>The paths that read the request's body.</summary>
static class Transfer
{
    const int Piece = 16 << 10;

    /// <summary>Sends body, Content-Type and trailers back, as they come.</summary>
    public static async Task Echo(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        response.ContentType = string.IsNullOrEmpty(request.ContentType) ? "application/octet-stream" : request.ContentType;
        response.ContentLength = Length(context);
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        try
        {
            for (int n; (n = await request.Body.ReadAsync(buffer.AsMemory(0, Piece), context.RequestAborted)) > 0;)
            {
                await response.Body.WriteAsync(buffer.AsMemory(0, n), context.RequestAborted);
                if (response.ContentLength is null) await response.Body.FlushAsync(context.RequestAborted);
            }
            // Over HTTP/1.1 ASP.NET Core sends no trailers.
            if (request.CheckTrailersAvailable() && response.SupportsTrailers())
                foreach (var (name, values) in context.Features.Get<IHttpRequestTrailersFeature>()!.Trailers)
                    response.AppendTrailer(name, values);
        }
        catch (BadHttpRequestException fault)
        {
            Refuse(context, fault);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            context.Abort();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Takes a body, keeps nothing of it, and answers its length.</summary>
    public static async Task Sink(HttpContext context)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Piece);
        long all = 0;
        try
        {
            for (int n; (n = await context.Request.Body.ReadAsync(buffer.AsMemory(0, Piece), context.RequestAborted)) > 0;) all += n;
        }
        catch (BadHttpRequestException fault)
        {
            Refuse(context, fault);
            return;
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            context.Abort();
            return;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        await Answers.Fixed(context, Answers.Text, Encoding.ASCII.GetBytes(all.ToString(CultureInfo.InvariantCulture) + "\n"));
    }

    /// <summary>The body's length; 0 if there is none, null if nobody has said.</summary>
    public static long? Length(HttpContext context) =>
        context.Request.ContentLength ?? (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false ? 0 : null);

    /// <summary>Answers a body that cannot be read; a response that has begun is broken.</summary>
    static void Refuse(HttpContext context, BadHttpRequestException fault)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.ContentLength = null;
        context.Response.StatusCode = fault.StatusCode == 413 ? 413 : 400;
    }
}
