using DropoutLab.Experiments;
using DropoutLab.Training;
using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>Shows a sweep: a line for each run that ends, and on a terminal, below them, a bar for the sweep and a line for each run under way.</summary>
internal sealed class SweepDisplay
{
    private const int WidthOfBar = 20;
    private const int SmallBar = 8;
    private const int WidthOfPosition = 11;
    private const int WidthOfMainFigures = 28; // step and speed
    private const int NarrowestTerminal = 72;
    private const string Gap = "  ";
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

    private int Width => Math.Max(NarrowestTerminal, console.Ansi.Profile.Width);

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
                console.Ansi.WriteLine(outcome.Reason is null ? Fit(EndLine(outcome)) : EndLine(outcome));
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
        string name = outcome.Record.Run.Name.PadRight(nameWidth);
        if (outcome.Reason is { } reason)
            return $"{name}  failed: {reason}";
        EpochMetrics last = outcome.Record.Epochs[^1];
        return $"{name}  accuracy {last.TestAccuracy:f4}  train loss {last.TrainLoss:f4}  {Duration.Text(outcome.Elapsed)}{Position()}";
    }

    private string? CollapseLine(RunOutcome outcome) =>
        outcome.Collapse is { } collapse ? $"{outcome.Record.Run.Name.PadRight(nameWidth)}  {collapse}" : null;

    private string Position() => console.IsTerminal
        ? ""
        : $"  ({progress.Finished} of {progress.Total}{(progress.TimeLeft() is { } left ? $", {Duration.Text(left)} left" : "")})";

    private Rows Picture() => new([Text.Empty, SweepLine(), .. RunLines()]);

    private Markup SweepLine()
    {
        string failed = progress.Failed > 0 ? $"  [red]{progress.Failed} failed[/]" : "";
        string left = progress.TimeLeft() is { } time ? $"  {Duration.Text(time)} left" : "";
        return new Markup(
            $"[bold]{Markup.Escape(progress.Name)}[/]  {Bar(progress.Part, WidthOfBar)} {progress.Part,4:p0}  "
            + $"{progress.Finished} of {Quantity.Text(progress.Total, "run")}{failed}{left}")
        { Overflow = Overflow.Ellipsis };
    }

    private IEnumerable<Markup> RunLines()
    {
        IReadOnlyList<RunActivity> active = progress.Active;
        int names = Math.Min(active.Select(run => run.Run.Name.Length).DefaultIfEmpty().Max(), Width - WidthOfPosition - SmallBar - WidthOfMainFigures - 4 * Gap.Length);
        return active.Select(run => RunLine(run, names));
    }

    /// <summary>Name, epoch, bar, and as many figures as there is room for.</summary>
    private Markup RunLine(RunActivity run, int nameWidth)
    {
        int epochs = run.Run.Cell.Configuration.Epochs;
        string position = run.Latest is { } report ? $"epoch {Math.Min(report.CompletedEpochs + 1, epochs)}/{epochs}" : "starting";
        string before = $"{Gap}{Short(run.Run.Name, nameWidth).PadRight(nameWidth)}{Gap}{position,-WidthOfPosition}{Gap}";
        string figures = "";
        foreach (string figure in Figures(run.Latest).TakeWhile(figure => before.Length + SmallBar + figures.Length + Gap.Length + figure.Length < Width))
            figures += Gap + figure;
        return new Markup(Markup.Escape(before) + Bar(run.Progress, SmallBar) + Markup.Escape(figures));
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

    /// <summary>The beginning and the end of a name that is too long: the seed is at the end.</summary>
    private static string Short(string name, int width) => name.Length <= width
        ? name
        : $"{name[..((width - 1) / 2)]}…{name[^(width - 1 - (width - 1) / 2)..]}";

    private static string Bar(double part, int width)
    {
        int full = (int)(part * width);
        return $"[green]{new string('━', full)}[/][grey]{new string('━', width - full)}[/]";
    }

    private string Fit(string line) => line.Length <= console.Ansi.Profile.Width ? line : line[..(console.Ansi.Profile.Width - 1)] + "…";
}
