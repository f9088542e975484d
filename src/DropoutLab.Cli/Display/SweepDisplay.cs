using DropoutLab.Experiments;
using DropoutLab.Training;
using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>
/// Shows a sweep: a line for each run that ends, and on a terminal, below them, a bar for the sweep and a line for each run under
/// way.
/// </summary>
internal sealed class SweepDisplay
{
    private const int LargestBar = 20;
    private const int SmallBar = 8;
    private const int WidthOfPosition = 11;
    private const int WidthOfMainFigures = 28; // step and speed
    private const int WidthOfSweepFigures = 60; // percentage, runs, failures, time left
    private const string Gap = LiveLine.Gap;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly CommandConsole console;
    private readonly SweepProgress progress;
    private readonly int nameWidth;

    private SweepDisplay(CommandConsole console, SweepProgress progress, int nameWidth)
    {
        this.console = console;
        this.progress = progress;
        this.nameWidth = nameWidth;
    }

    /// <summary>Shows a sweep until it ends.</summary>
    /// <param name="console">Where.</param>
    /// <param name="progress">What.</param>
    /// <param name="nameWidth">Of the longest run's name.</param>
    /// <param name="run">Runs it, and tells what it is given of each run that ends.</param>
    public static void Show(CommandConsole console, SweepProgress progress, int nameWidth, Func<Action<RunOutcome>, Task> run) =>
        new SweepDisplay(console, progress, nameWidth).Show(run);

    private int Width => console.Ansi.Profile.Width;

    private void Show(Func<Action<RunOutcome>, Task> run)
    {
        if (!console.IsTerminal)
        {
            run(outcome =>
            {
                console.Output.WriteLine(EndLine(outcome));
                if (CollapseLine(outcome) is { } collapse)
                    console.Output.WriteLine(collapse);
            }).GetAwaiter().GetResult();
            return;
        }

        console.Ansi.Live(Picture()).AutoClear(true).Overflow(VerticalOverflow.Crop).Start(context =>
        {
            Queue<RunOutcome> ended = [];
            Task task = run(outcome =>
            {
                lock (ended)
                    ended.Enqueue(outcome);
            });
            while (!Task.WhenAny(task, Task.Delay(Interval)).GetAwaiter().GetResult().Equals(task))
                Update(context, ended);
            Update(context, ended);
            task.GetAwaiter().GetResult();
        });
    }

    /// <summary>Only this thread writes: what has ended goes above the picture.</summary>
    private void Update(LiveDisplayContext context, Queue<RunOutcome> ended)
    {
        lock (ended)
        {
            while (ended.TryDequeue(out RunOutcome? outcome))
            {
                console.Ansi.WriteLine(outcome.Reason is null ? CellText.Beginning(EndLine(outcome), Width) : EndLine(outcome));
                if (CollapseLine(outcome) is { } collapse)
                    console.Ansi.WriteLine(collapse);
            }
        }

        context.UpdateTarget(Picture());
        context.Refresh();
    }

    private string EndLine(RunOutcome outcome)
    {
        progress.Take(outcome);
        string name = CellText.PadRight(outcome.Record.Run.Name, nameWidth);
        if (outcome.Reason is { } reason)
            return $"{name}  failed: {reason}";
        EpochMetrics last = outcome.Record.Epochs[^1];
        return $"{name}  accuracy {last.TestAccuracy:f4}  train loss {last.TrainLoss:f4}  "
            + $"{Duration.Text(outcome.Elapsed)}{Position()}";
    }

    private string? CollapseLine(RunOutcome outcome) =>
        outcome.Collapse is { } collapse ? $"{CellText.PadRight(outcome.Record.Run.Name, nameWidth)}  {collapse}" : null;

    private string Position() => console.IsTerminal
        ? ""
        : $"  ({progress.Finished} of "
            + $"{progress.Total}{(progress.TimeLeft() is { } left ? $", {Duration.Text(left)} left" : "")})";

    private Rows Picture() => new([Text.Empty, SweepLine(), .. RunLines()]);

    private Paragraph SweepLine()
    {
        int forName = Math.Max(Width / 3, Width - LargestBar - WidthOfSweepFigures);
        LiveLine line = new LiveLine(Width)
            .Add(CellText.Ends(CellText.OnOneLine(progress.Name), forName), new Style(decoration: Decoration.Bold))
            .AddBar(progress.Part, Math.Clamp(Width - WidthOfSweepFigures, 4, LargestBar))
            .Add($" {progress.Part,4:p0}")
            .Add($"{Gap}{progress.Finished} of {Quantity.Text(progress.Total, "run")}");
        if (progress.Failed > 0)
            line.Add($"{Gap}{progress.Failed} failed", new Style(Color.Red));
        if (progress.TimeLeft() is { } time)
            line.Add($"{Gap}{Duration.Text(time)} left");
        return line.Content;
    }

    private IEnumerable<Paragraph> RunLines()
    {
        IReadOnlyList<RunActivity> active = progress.Active;
        int widest = active.Select(run => CellText.Width(run.Run.Name)).DefaultIfEmpty().Max();
        int beside = WidthOfPosition + SmallBar + WidthOfMainFigures + 4 * Gap.Length;
        int names = Math.Min(widest, Math.Max(Width / 3, Width - beside));
        return active.Select(run => RunLine(run, names));
    }

    /// <summary>Name, epoch, bar, and as many figures as there is room for.</summary>
    private Paragraph RunLine(RunActivity run, int nameWidth)
    {
        int epochs = run.Run.Cell.Configuration.Epochs;
        string position = run.Latest is { } report
            ? $"epoch {Math.Min(report.CompletedEpochs + 1, epochs)}/{epochs}"
            : "starting";
        LiveLine line = new LiveLine(Width).Add(Gap + CellText.PadRight(CellText.Ends(run.Run.Name, nameWidth), nameWidth))
            .Add($"{Gap}{position,-WidthOfPosition}").AddBar(run.Progress, SmallBar);
        foreach (string figure in Figures(run.Latest))
            line.Add(Gap + figure);
        return line.Content;
    }

    private static IEnumerable<string> Figures(RunReport? report)
    {
        if (report is { Step: > 0 })
            yield return $"{report.Step,5}/{report.StepCount}";
        if (report?.ImagesPerSecond is { } speed)
            yield return $"{speed,6:n0} images/s";
        if (report?.Loss is { } loss)
            yield return $"loss {loss:f4}";
        if (report?.Accuracy is { } accuracy)
            yield return $"accuracy {accuracy:f4}";
    }
}
