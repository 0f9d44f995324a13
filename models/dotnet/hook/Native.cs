using System.Runtime.InteropServices;
using System.Text;

namespace Ancm;

/// <summary>The native half, which is the program that has loaded the runtime.</summary>
static unsafe class Native
{
    // What is reported, as the native half numbers it.
    public const int Hooked = 0, Ready = 1, Failed = 2, Unhandled = 3;

    public static readonly IntPtr Library = NativeLibrary.GetMainProgramHandle();

    static readonly delegate* unmanaged<int, byte*, int> report =
        NativeLibrary.TryGetExport(Library, "ancm_report", out var address) ? (delegate* unmanaged<int, byte*, int>)address : null;

    public static bool Found => report != null;

    /// <summary>Reports something; for Unhandled it returns whether the worker answers for the app.</summary>
    public static bool Report(int what, string? text = null)
    {
        if (text is null) return report(what, null) != 0;
        fixed (byte* bytes = Encoding.UTF8.GetBytes(text + "\0")) return report(what, bytes) != 0;
    }
}
