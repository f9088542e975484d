namespace DropoutLab.Cli.Display;

/// <summary>Durations for people.</summary>
internal static class Duration
{
    /// <summary>As in 0:07, 12:34 or 1:02:03.</summary>
    public static string Text(TimeSpan duration) => duration.TotalHours >= 1
        ? $"{(long)duration.TotalHours}:{duration.Minutes:d2}:{duration.Seconds:d2}"
        : $"{duration.Minutes}:{duration.Seconds:d2}";
}
