using System.Diagnostics;
using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>A bar on a terminal while something is evaluated; it goes when that is done.</summary>
internal sealed class EvaluationBar : IProgress<double>
{
    private const double UpdatesPerSecond = 10;

    private readonly ProgressContext context;
    private readonly ProgressTask bar;
    private readonly Throttle throttle = new(UpdatesPerSecond);

    private EvaluationBar(ProgressContext context, string label)
    {
        this.context = context;
        bar = context.AddTask(label, maxValue: 1);
        context.Refresh();
    }

    /// <summary>Runs what reports the part of it that is done.</summary>
    public static T Show<T>(IAnsiConsole console, string label, Func<IProgress<double>, T> evaluate) => console.Progress()
        .AutoRefresh(false).AutoClear(true)
        .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .Start(context => evaluate(new EvaluationBar(context, label)));

    public void Report(double value)
    {
        bar.Value = value;
        if (throttle.Pass(Stopwatch.GetTimestamp()))
            context.Refresh();
    }
}
