using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Ancm;

/// <summary>Puts Microsoft's IISHttpServer in the place of the app's server.</summary>
static class Server
{
    const string Imports = "aspnetcorev2_inprocess.dll";
    const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    const long MaxRequestBody = 30_000_000; // bytes, as IIS has it by default

    static bool resolved;

    public static void Register(IServiceCollection services)
    {
        if (services.All(s => s.ServiceType != typeof(IServer))) return; // a host that serves nothing
        try
        {
            Add(services);
        }
        catch (Exception unknown) when (unknown is FileNotFoundException or TypeLoadException or MissingMemberException or PlatformNotSupportedException)
        {
            var version = typeof(IServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
            var refusal = $"ASP.NET Core {version} cannot be hosted in-process here ({unknown.Message}); " +
                "Fix: hostingModel=\"outofprocess\", or Microsoft's build of a .NET 10 that was tested";
            Native.Report(Native.Failed, refusal);
            throw new PlatformNotSupportedException(refusal, unknown);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // so that Register can say that the types are not there
    static void Add(IServiceCollection services)
    {
        var iis = typeof(IISServerOptions).Assembly;
        Interface.Check(iis, Imports);
        if (!resolved) NativeLibrary.SetDllImportResolver(iis, (name, _, _) => name == Imports ? Native.Library : IntPtr.Zero);
        resolved = true;

        Type Core(string name) => iis.GetType("Microsoft.AspNetCore.Server.IIS.Core." + name, true)!;
        object Make(string name, object argument) => Activator.CreateInstance(Core(name), Any, null, [argument], null)!;

        var application = Make("IISNativeApplication", Make("NativeSafeHandle", (IntPtr)1));
        services.AddSingleton(application.GetType(), application);
        services.AddSingleton(typeof(IServer), Core("IISHttpServer"));
        services.AddTransient(Core("IISServerAuthenticationHandlerInternal"));
        services.AddSingleton(typeof(IStartupFilter), Core("IISServerSetupFilter"));
        services.AddAuthenticationCore();
        services.AddSingleton<IServerIntegratedAuth, NoIntegratedAuth>();
        services.AddSingleton<IHostedService, Ready>();
        // The first, as UseIIS has it: what the app itself configures comes later and counts.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<IISServerOptions>>(new ConfigureNamedOptions<IISServerOptions>(Options.DefaultName, Configure)));
        // Only in the place of the default one: an app's own lifetime stays.
        if (services.LastOrDefault(s => s.ServiceType == typeof(IHostLifetime))?.ImplementationType?.Name is null or "ConsoleLifetime")
            services.AddSingleton<IHostLifetime, Lifetime>();
    }

    static void Configure(IISServerOptions options)
    {
        var type = typeof(IISServerOptions);
        type.GetProperty("ServerAddresses", Any)!.SetValue(options, new[] { "http://*:80" });
        type.GetProperty("ForwardWindowsAuthentication", Any)!.SetValue(options, false); // there are no Windows identities here
        options.MaxRequestBodySize = MaxRequestBody;
        type.GetField("IisMaxRequestSizeLimit", Any)!.SetValue(options, MaxRequestBody);
    }

    sealed class NoIntegratedAuth : IServerIntegratedAuth
    {
        public bool IsEnabled => false;
        public string AuthenticationScheme => "Windows";
    }

    /// <summary>The worker ends the app, not a signal.</summary>
    sealed class Lifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken _) => Task.CompletedTask;
        public Task StopAsync(CancellationToken _) => Task.CompletedTask;
    }

    /// <summary>Reports that the app has started: only then the server knows its path.</summary>
    sealed class Ready : IHostedService
    {
        public Ready(IHostApplicationLifetime lifetime) => lifetime.ApplicationStarted.Register(() => Native.Report(Native.Ready));
        public Task StartAsync(CancellationToken _) => Task.CompletedTask;
        public Task StopAsync(CancellationToken _) => Task.CompletedTask;
    }
}
