using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Twin;

/// <summary>Work that takes a given CPU time of its thread, or of the clock where the system counts none.</summary>
static partial class Burn
{
    const int ThreadCpuTime = 3; // CLOCK_THREAD_CPUTIME_ID of Linux

    public static void For(int us)
    {
        var own = OperatingSystem.IsLinux();
        var end = Now(own) + us * 1000L;
        for (var x = 2463534242u; x != 0 && Now(own) < end;) x = Spin(x);
    }

    /// <summary>About a microsecond; never 0, which the compiler does not know.</summary>
    static uint Spin(uint x)
    {
        for (var i = 0; i < 400; i++) // xorshift32, Marsaglia 2003
        {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
        }
        return x;
    }

    static long Now(bool own) => own && clock_gettime(ThreadCpuTime, out var at) == 0
        ? at.Seconds * 1_000_000_000L + at.Nanoseconds
        : (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    [StructLayout(LayoutKind.Sequential)]
    struct Timespec
    {
        public nint Seconds, Nanoseconds;
    }

    [LibraryImport("libc"), SuppressGCTransition]
    private static partial int clock_gettime(int clock, out Timespec at);
}
