// Apps of every usual shape, and of some that end badly, in one program: its first argument
// says which. None of them knows how it is hosted. Each that serves answers GET /plaintext
// with the name of its shape.
using System.Net;
using Microsoft.AspNetCore;

var shape = args.Length > 0 ? args[0] : "";
Func<HttpContext, Task> answer = context => context.Response.WriteAsync(shape);
const string anywhere = "http://127.0.0.1:0"; // a free port of the app's own choice

switch (shape)
{
    case "builder":
    {
        var app = WebApplication.CreateBuilder(args).Build();
        app.Run(context => answer(context));
        app.Run();
        return 0;
    }
    case "slim":
    {
        var app = WebApplication.CreateSlimBuilder(args).Build();
        app.Run(context => answer(context));
        app.Run();
        return 0;
    }
    case "empty":
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { Args = args });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context => answer(context));
        app.Run();
        return 0;
    }
    case "generic-host":
        Host.CreateDefaultBuilder(args).ConfigureWebHostDefaults(web => web.Configure(app => app.Run(context => answer(context)))).Build().Run();
        return 0;
    case "old-host":
#pragma warning disable ASPDEPR004, ASPDEPR008 // the old host is obsolete, and apps that have it are hosted
        WebHost.CreateDefaultBuilder(args).Configure(app => app.Run(context => answer(context))).Build().Run();
#pragma warning restore ASPDEPR004, ASPDEPR008
        return 0;
    case "use-urls":
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.UseUrls(anywhere);
        var app = builder.Build();
        app.Run(context => answer(context));
        app.Run();
        return 0;
    }
    case "urls-add":
    {
        var app = WebApplication.CreateBuilder(args).Build();
        app.Urls.Add(anywhere);
        app.Run(context => answer(context));
        app.Run();
        return 0;
    }
    case "run-url":
    {
        var app = WebApplication.CreateBuilder(args).Build();
        app.Run(context => answer(context));
        app.Run(anywhere);
        return 0;
    }
    case "two-hosts":
    {
        var first = WebApplication.CreateBuilder(args).Build();
        first.Run(context => answer(context));
        var second = WebApplication.CreateBuilder(args).Build();
        second.Run(context => context.Response.WriteAsync("the second"));
        await first.StartAsync();
        await second.StartAsync();
        await first.WaitForShutdownAsync();
        return 0;
    }
    case "no-server": // builds a web host that has no server
    {
        var app = WebApplication.CreateEmptyBuilder(new() { Args = args }).Build();
        app.Run(context => answer(context));
        app.Run();
        return 0;
    }

    case "environment": // answers with the settings that it has
    {
        var app = WebApplication.CreateBuilder(args).Build();
        string Said(string name) => $"{name}={Environment.GetEnvironmentVariable(name)}";
        var all = $"server GC {System.Runtime.GCSettings.IsServerGC}; {Said("DOTNET_TieredPGO")}; {Said("Logging__LogLevel__Default")}; {Said("SHOP_NAME")}\n";
        app.Run(context => context.Response.WriteAsync(all));
        app.Run();
        return 0;
    }

    // What ends badly.
    case "throws":
        throw new InvalidOperationException("the connection string is missing");
    case "throws-late": // while the host starts
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddHostedService<Faulty>();
        builder.Build().Run();
        return 0;
    }
    case "ends":
        return 0;
    case "ends-7":
        return 7;
    case "never-serves":
        await Task.Delay(Timeout.Infinite);
        return 0;
    case "own-address": // has IIS Integration, and listens elsewhere
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context => answer(context));
        app.Run();
        return 0;
    }
}
Console.Error.WriteLine($"no shape \"{shape}\"");
return 2;

sealed class Faulty : BackgroundService
{
    public override Task StartAsync(CancellationToken stopping) => throw new InvalidOperationException("the cache is not reachable");
    protected override Task ExecuteAsync(CancellationToken stopping) => Task.CompletedTask;
}
