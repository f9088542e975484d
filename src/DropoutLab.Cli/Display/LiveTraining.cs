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

    private readonly LiveBar bar;
    private readonly LiveTrainingState state;
    private readonly Throttle throttle;

    private LiveTraining(LiveBar bar, LiveTrainingState state, Throttle throttle)
    {
        this.bar = bar;
        this.state = state;
        this.throttle = throttle;
        Draw();
    }

    /// <summary>Shows the bar as long as <paramref name="train"/> runs.</summary>
    public static void Show(
        IAnsiConsole console, LiveTrainingState state, Action<LiveTraining> train, double updatesPerSecond = UpdatesPerSecond) =>
        LiveBar.Show(console, bar =>
        {
            train(new LiveTraining(bar, state, new Throttle(updatesPerSecond)));
            return state;
        });

    public void Report(StepProgress value)
    {
        long now = Stopwatch.GetTimestamp();
        state.StepDone(value, now);
        if (throttle.Pass(now))
            Draw();
    }

    private void Draw() => bar.Draw(state.Position, state.Part, state.Figures);
}
