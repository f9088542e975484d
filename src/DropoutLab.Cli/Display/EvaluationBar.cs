using System.Diagnostics;
using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>A bar on a terminal while something is evaluated, with the time that is left.</summary>
internal sealed class EvaluationBar(LiveBar bar, string label) : IProgress<double>
{
    private const double UpdatesPerSecond = 10;

    private readonly Throttle throttle = new(UpdatesPerSecond);
    private readonly long start = Stopwatch.GetTimestamp();

    /// <summary>Runs what reports the part of it that is done.</summary>
    public static T Show<T>(IAnsiConsole console, string label, Func<IProgress<double>, T> evaluate) =>
        LiveBar.Show(console, bar =>
        {
            bar.Draw(label, part: 0);
            return evaluate(new EvaluationBar(bar, label));
        });

    public void Report(double value)
    {
        if (throttle.Pass(Stopwatch.GetTimestamp()) && value > 0)
            bar.Draw(label, value, $"{Duration.Text(Stopwatch.GetElapsedTime(start) * ((1 - value) / value))} left");
    }
}
