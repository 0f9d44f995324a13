// The startup hook: it does to an unchanged ASP.NET Core app what UseIIS does on Windows.
// The runtime calls StartupHook.Initialize before the app's Main.
using System.Diagnostics;
using Ancm;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;

[assembly: HostingStartup(typeof(OldWebHost))] // named by ASPNETCORE_HOSTINGSTARTUPASSEMBLIES

/// <summary>What the runtime looks for: a class of this name, in no namespace.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        if (!Native.Found) return; // not hosted by the module: the app runs as it would without the hook
        Native.Report(Native.Hooked);
        AppDomain.CurrentDomain.UnhandledException += Unhandled;
        DiagnosticListener.AllListeners.Subscribe(new Listeners());
    }

    /// <summary>
    /// Keeps the worker alive if its app fails before it is ready, or with a second server: the module answers for it, with what it said.
    /// The thread that has failed ends here, because to return is to end the process.
    /// </summary>
    static void Unhandled(object sender, UnhandledExceptionEventArgs what)
    {
        if (!Native.Report(Native.Unhandled, $"unhandled exception: {what.ExceptionObject}")) return;
        Console.Error.WriteLine($"Unhandled exception. {what.ExceptionObject}");
        Thread.Sleep(Timeout.Infinite);
    }
}

namespace Ancm
{
    /// <summary>Sees each host that the app builds.</summary>
    sealed class Listeners : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(DiagnosticListener listener)
        {
            if (listener.Name == "Microsoft.Extensions.Hosting") listener.Subscribe(this);
        }

        public void OnNext(KeyValuePair<string, object?> happened)
        {
            // What is added here comes after all that the app adds, and so wins over Kestrel.
            if (happened is { Key: "HostBuilding", Value: IHostBuilder builder }) builder.ConfigureServices((_, services) => Server.Register(services));
        }

        public void OnCompleted() { }

        public void OnError(Exception error) { }
    }

    /// <summary>
    /// WebHost.CreateDefaultBuilder and new WebHostBuilder() tell no listener of theirs. A hosting startup adds its
    /// services last. Other builders come here too, and have been seen already.
    /// </summary>
    public sealed class OldWebHost : IHostingStartup
    {
        public void Configure(IWebHostBuilder builder)
        {
            if (Native.Found && builder.GetType().Name == "WebHostBuilder") builder.ConfigureServices(Server.Register);
        }
    }
}
