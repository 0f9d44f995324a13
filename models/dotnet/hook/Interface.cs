using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace Ancm;

/// <summary>
/// What the native half was written for: the imports of Microsoft.AspNetCore.Server.IIS, the layout of the structures
/// that pass between the halves, and the constructors that Server calls.
/// </summary>
static class Interface
{
    /// <summary>The hash of Describe for the runtimes that were tested.</summary>
    const string Known = "342EEE76";

    const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
    const string Native_ = "Windows.Win32.Networking.HttpServer.HTTP_";

    static readonly string[] structures =
    [
        "REQUEST_V1", "REQUEST_V2", "REQUEST_HEADERS", "KNOWN_HEADER", "UNKNOWN_HEADER", "COOKED_URL", "TRANSPORT_ADDRESS",
        "DATA_CHUNK", "REQUEST_INFO", "SSL_INFO", "SSL_CLIENT_CERT_INFO", "SSL_PROTOCOL_INFO",
    ];

    /// <summary>Fails, in a few words, if this is another interface.</summary>
    public static void Check(Assembly iis, string library)
    {
        var lines = new List<string>();
        foreach (var (name, text) in Imported(iis, library))
        {
            if (!NativeLibrary.TryGetExport(Native.Library, name, out _)) throw new PlatformNotSupportedException("its server calls " + name + ", which the module does not have");
            lines.Add(text);
        }
        lines.AddRange(structures.Select(name => Layout(name, iis.GetType(Native_ + name, true)!)));
        lines.Add(Layout("config", Core(iis, "IISConfigurationData+Marshaller+Native")));
        foreach (var name in new[] { "NativeSafeHandle", "IISNativeApplication", "IISHttpServer" })
            lines.AddRange(Core(iis, name).GetConstructors(All).Where(c => !c.IsStatic).Select(c => $"new {name}({Types(c, p => p.Name)})"));
        lines.Sort(StringComparer.Ordinal);
        var hash = Hash(string.Join('\n', lines));
        if (hash != Known) throw new PlatformNotSupportedException($"the interface of its server is {hash}, and the module knows {Known}");
    }

    static Type Core(Assembly iis, string name) => iis.GetType("Microsoft.AspNetCore.Server.IIS.Core." + name, true)!;

    static IEnumerable<(string Name, string Text)> Imported(Assembly iis, string library) =>
        from method in iis.GetType("Microsoft.AspNetCore.Server.IIS.NativeMethods", true)!.GetMethods(All)
        let import = method.GetCustomAttribute<DllImportAttribute>()
        where import?.Value == library
        select (import.EntryPoint!, $"{method.ReturnType} {import.EntryPoint}({Types(method, t => t.ToString())})");

    static string Types(MethodBase method, Func<Type, string> name) => string.Join(", ", method.GetParameters().Select(p => name(p.ParameterType)));

    static string Layout(string name, Type type) =>
        $"{name} {Marshal.SizeOf(type)}: {string.Join(' ', type.GetFields(All).Where(f => !f.IsStatic).Select(f => $"{f.Name}@{Marshal.OffsetOf(type, f.Name)}"))}";

    /// <summary>FNV-1a, 32 bits: enough to see a difference that nobody makes on purpose.</summary>
    static string Hash(string text)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(text)) hash = (hash ^ b) * 16777619;
        return hash.ToString("X8");
    }
}
