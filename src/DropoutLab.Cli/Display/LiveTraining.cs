using System.Diagnostics;
using DropoutLab.Training;
using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>A training's bar on a terminal: where it is, loss, accuracy, images a second and time left.</summary>
/// <remarks>
/// Drawn between two steps by the thread that trains, for a timer's thread would take a processor from those that compute.
/// </remarks>
internal sealed class LiveTraining : IProgress<StepProgress>
{
    private const double UpdatesPerSecond = 4;
    private const int WidthOfTexts = 76;

    private readonly ProgressContext context;
    private readonly ProgressTask bar;
    private readonly LiveTrainingState state;
    private readonly Throttle throttle;

    private LiveTraining(ProgressContext context, LiveTrainingState state, Throttle throttle)
    {
        this.throttle = throttle;
        this.context = context;
        this.state = state;
        bar = context.AddTask(state.Position, maxValue: (double)state.Epochs * state.StepsPerEpoch);
        bar.Value = state.Completed * (double)state.StepsPerEpoch;
        context.Refresh();
    }

    /// <summary>Shows the bar as long as <paramref name="train"/> runs.</summary>
    public static void Show(IAnsiConsole console, LiveTrainingState state, Action<LiveTraining> train, double updatesPerSecond = UpdatesPerSecond) => console.Progress()
        .AutoRefresh(false)
        .AutoClear(true)
        .Columns(
            new TextColumn(() => state.Position),
            new ProgressBarColumn { Width = Math.Clamp(console.Profile.Width - WidthOfTexts, 4, 40) },
            new PercentageColumn(),
            new TextColumn(() => state.Figures))
        .Start(context => train(new LiveTraining(context, state, new Throttle(updatesPerSecond))));

    public void Report(StepProgress value)
    {
        long now = Stopwatch.GetTimestamp();
        state.StepDone(value, now);
        if (!throttle.Pass(now))
            return;
        bar.Value = (value.Epoch - 1) * (double)value.StepCount + value.Step;
        context.Refresh();
    }
}
