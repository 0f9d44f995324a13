using System.Runtime.InteropServices;
using System.Text;

namespace Ancm;

/// <summary>The native half, which is the program that has loaded the runtime.</summary>
static unsafe class Native
{
    // What is reported, as the native half numbers it.
    public const int Hooked = 0, Ready = 1, Failed = 2;

    public static readonly IntPtr Library = NativeLibrary.GetMainProgramHandle();

    static readonly delegate* unmanaged<int, byte*, int> report =
        NativeLibrary.TryGetExport(Library, "ancm_report", out var address) ? (delegate* unmanaged<int, byte*, int>)address : null;

    static volatile bool ready;

    public static bool Found => report != null;

    /// <summary>Whether the app is not ready yet.</summary>
    public static bool Starting => !ready;

    public static void Report(int what, string? text = null)
    {
        if (what == Ready) ready = true;
        if (text is null)
        {
            _ = report(what, null);
            return;
        }
        fixed (byte* bytes = Encoding.UTF8.GetBytes(text + "\0")) _ = report(what, bytes);
    }
}
