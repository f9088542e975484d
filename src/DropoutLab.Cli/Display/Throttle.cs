using System.Diagnostics;

namespace DropoutLab.Cli.Display;

/// <summary>Lets a few updates a second pass; asking costs as much as reading the clock.</summary>
internal sealed class Throttle(double timesPerSecond)
{
    private readonly long interval = (long)(Stopwatch.Frequency / timesPerSecond);
    private long next;

    public bool Pass(long timestamp)
    {
        if (timestamp < next)
            return false;
        next = timestamp + interval;
        return true;
    }
}
