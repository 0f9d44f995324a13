// The C# twin of the reference app: the same paths, statuses and bytes as the Go
// handler in models/app, as an ordinary ASP.NET Core app that knows nothing of how
// it is hosted. What ASP.NET Core does otherwise is listed in the differential test.
using System.Globalization;
using System.Text;
using Twin;

var app = WebApplication.CreateBuilder(args).Build();

// What a test of the app's whole life wants to know, in a file that it names.
if (Environment.GetEnvironmentVariable("SAID") is { Length: > 0 } said)
{
    void Say(string what) => File.AppendAllText(said, $"{Environment.ProcessId} {what}\n");
    app.Lifetime.ApplicationStarted.Register(() => Say("begins"));
    app.Lifetime.ApplicationStopping.Register(() => Say("told"));
}
if (app.Configuration["HTTPS_REDIRECTION"] == "true") app.UseHttpsRedirection();
app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero }); // the Go app sends no pings
var sockets = new Sockets(app.Lifetime.ApplicationStopping);
var pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
app.Run(context =>
{
    context.Response.Headers["X-Ancm-App-Pid"] = pid;
    var path = context.Request.Path.Value ?? "";
    return path switch // a switch and no routes: what is measured does not pay for routing, as in Go
    {
        "/plaintext" => Answers.Fixed(context, Answers.Text, Answers.Hello),
        "/json" => Answers.Fixed(context, "application/json", Answers.Message),
        "/echo" => Transfer.Echo(context),
        "/sink" => Transfer.Sink(context),
        "/ws" => sockets.Serve(context),
        "/whoami" => Whoami.Answer(context),
        _ => Parameters.Answer(context, path),
    };
});
app.Run();

namespace Twin
{
    /// <summary>Answers that have a length and are whole at once.</summary>
    static class Answers
    {
        public const string Text = "text/plain; charset=utf-8";
        public static readonly byte[] Hello = "Hello, World!"u8.ToArray();
        public static readonly byte[] Message = """{"message":"Hello, World!"}"""u8.ToArray();
        public static readonly byte[] Done = "done\n"u8.ToArray();

        public static Task Fixed(HttpContext context, string kind, byte[] body)
        {
            context.Response.ContentType = kind;
            context.Response.ContentLength = body.Length;
            return context.Response.Body.WriteAsync(body, 0, body.Length);
        }

        /// <summary>An error as Go's http.Error writes it.</summary>
        public static Task Error(HttpContext context, int status, string text)
        {
            context.Response.StatusCode = status;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return Fixed(context, Text, Encoding.UTF8.GetBytes(text + "\n"));
        }
    }
}
