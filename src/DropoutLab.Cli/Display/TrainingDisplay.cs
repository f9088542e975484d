using DropoutLab.Classification;
using DropoutLab.Objectives;
using DropoutLab.Training;
using Spectre.Console;

namespace DropoutLab.Cli.Display;

/// <summary>Shows a training: a line an epoch, one more if it has collapsed, and on a terminal a live bar below them.</summary>
internal static class TrainingDisplay
{
    /// <summary>Trains and shows it.</summary>
    /// <param name="console">Where.</param>
    /// <param name="trainer">What trains.</param>
    /// <param name="label">What is trained, where there are several; else empty.</param>
    /// <param name="train">Trains until the last epoch, and tells what it is given after each epoch and each step.</param>
    public static void Show(
        CommandConsole console, Trainer trainer, string label, Action<Action<EpochMetrics>, IProgress<StepProgress>?> train)
    {
        CollapseWatch watch = new(trainer);
        if (!console.IsTerminal)
        {
            train(metrics => WriteLines(metrics, console.Output.WriteLine), null);
            return;
        }

        LiveTrainingState state = new(label, trainer);
        LiveTraining.Show(console.Ansi, state, live => train(
            metrics =>
            {
                state.EpochDone(metrics);
                WriteLines(metrics, console.Ansi.WriteLine);
            },
            live));

        void WriteLines(EpochMetrics metrics, Action<string> write)
        {
            write(label + Line(metrics, trainer.Options.Epochs));
            if (watch.Take(metrics) is { } collapse)
                write(label + collapse);
        }
    }

    /// <summary>An epoch's results on one line.</summary>
    public static string Line(EpochMetrics metrics, int epochs) =>
        $"epoch {metrics.Epoch}/{epochs}  train loss {metrics.TrainLoss:f4}  test loss {metrics.TestLoss:f4}  "
        + $"{Test(metrics)}{metrics.DataPerSecond:n0} {metrics.Unit}/s  {metrics.Seconds:f1} s";

    /// <summary>The metrics besides the loss.</summary>
    private static string Test(EpochMetrics metrics) =>
        string.Concat(metrics.Test.Where(metric => metric.Key != Objective.Loss)
            .Select(metric => $"test {metric.Key} {metric.Value:f4}  ")
            .Concat(metrics.Further.Select(metric => $"{metric.Key.Replace('_', ' ')} {metric.Value:f4}  ")));
}
