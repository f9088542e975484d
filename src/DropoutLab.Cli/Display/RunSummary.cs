using DropoutLab.Cli.Machine;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Recipes;
using DropoutLab.Runs;
using DropoutLab.Training;

namespace DropoutLab.Cli.Display;

/// <summary>What a run is, before it starts, and what it came to, after it.</summary>
internal static class RunSummary
{
    public static void Write(CommandConsole console, TrainingRun run, RunConfiguration? saved, RunData data, Compute compute)
    {
        Trainer trainer = run.Trainer;
        TrainingOptions options = trainer.Options;
        FactList.Write(
            console,
            ("model", $"{run.Configuration.Model}, {trainer.Parameters.ElementCount:n0} parameters"),
            ("data", Data(data)),
            ("dropout", Dropout(options.Dropout, trainer.Network)),
            ("training",
                $"recipe {run.Configuration.Recipe}: {Quantity.Text(options.Epochs, "epoch")} of "
                + $"{Quantity.Text(trainer.StepsPerEpoch, "step")} of {options.BatchSize} {data.Test.Unit}, "
                + $"learning rate {options.LearningRate}, seed {options.Seed}"),
            ("objective", trainer.Objective switch
            {
                CrossEntropy { LabelSmoothing: 0 } => null,
                CrossEntropy smoothed => $"{smoothed.Name}, labels smoothed by {smoothed.LabelSmoothing}",
                Objective other => other.Name,
            }),
            ("optimiser", options.Optimizer is Sgd { MaximumGradientNorm: null } ? null : Optimiser(options.Optimizer)),
            ("augmentation", run.Configuration.Augmentation == Augmentation.None ? null : $"{run.Configuration.Augmentation}"),
            ("weights", saved is null && run.Configuration.From is { } file
                ? $"{file.Load(trainer).Count} of {trainer.Network.Parameters.Count} arrays from {file.File}"
                : null),
            ("computing", $"{compute}"),
            ("advice", compute.Advice),
            ("begun with", saved is null ? null : OtherVersion(saved.Environment)),
            ("folder", run.Folder + (trainer.CompletedEpochs > 0 ? $", going on after epoch {trainer.CompletedEpochs}" : "")));
        console.Output.WriteLine();
    }

    /// <summary>Of a run on sentences.</summary>
    public static void Write(CommandConsole console, TrainingRun run, RunConfiguration? saved, Compute compute)
    {
        (Trainer trainer, RunConfiguration configuration) = (run.Trainer, run.Configuration);
        SentenceSettings sentences = configuration.Sentences!;
        DropoutSettings dropout = configuration.ToDropout();
        FactList.Write(
            console,
            ("model", $"{configuration.Model}, {trainer.Parameters.ElementCount:n0} parameters"),
            ("data", $"{trainer.Data.Location}, {sentences.MaxTokens} tokens of a sentence at most"),
            ("dropout", dropout.IsPlain ? $"{dropout.Rule}" : $"{dropout.Rule}, {dropout.Sharing}, at {dropout.Sites}"),
            ("training",
                $"{Quantity.Text(sentences.Steps, "step")} of {Quantity.Text(configuration.BatchSize, "sentence")}, evaluated "
                + $"every {sentences.EvaluateEvery}, learning rate {configuration.LearningRate}, seed {configuration.Seed}"),
            ("objective", Objective(trainer.Objective, sentences)),
            ("optimiser", Optimiser(configuration.Optimizer)),
            ("computing", $"{compute}"),
            ("advice", compute.Advice),
            ("begun with", saved is null ? null : OtherVersion(saved.Environment)),
            ("folder", run.Folder + (trainer.CompletedEpochs > 0 ? $", going on after period {trainer.CompletedEpochs}" : "")));
        console.Output.WriteLine();
    }

    public static void WriteEnd(CommandConsole console, TrainingRun run, bool wasFinished)
    {
        if (MetricsFile.Read(run.Folder) is not [.., var last])
            return;
        if (wasFinished)
            console.Output.WriteLine(
                $"this run is finished; its last epoch:\n{TrainingDisplay.Line(last, run.Configuration.Epochs)}");
        else if (run.Configuration.Sentences is not null)
            console.Output.WriteLine($"finished: {TrainingDisplay.Line(last, run.Configuration.Epochs)}{Best(run)}");
        else
            console.Output.WriteLine(
                double.IsNaN(last.TestAccuracy)
                    ? $"finished: test loss {last.TestLoss:f4}"
                    : $"finished: test accuracy {last.TestAccuracy:f4}, test loss {last.TestLoss:f4}");
    }

    private static string Data(RunData data)
    {
        TrainingData training = data.Training;
        string validation = training.Test == data.Test
            ? ""
            : $"{training.Test.Count:n0} to validate on (test loss and accuracy of an epoch are theirs), ";
        return $"{training.NameAndLocation}, {training.Train.Count:n0} {training.Train.Unit} to train on, {validation}"
            + $"{data.Test.Count:n0} to test on";
    }

    private static string Objective(Objective objective, SentenceSettings sentences) =>
        objective is SimCse simcse
            ? $"{objective.Name}, temperature {simcse.Temperature}, pooling {SentenceSettings.NameOf(sentences.Pooling)}"
            : objective.Name;

    private static string Optimiser(Optimizer optimizer) => $"{optimizer.Name}, weight decay {optimizer.WeightDecay}"
        + (optimizer.MaximumGradientNorm is { } norm ? $", gradients of norm {norm} at most" : "");

    private static string Best(TrainingRun run)
    {
        EpochMetrics? best = MetricsFile.Read(run.Folder)
            .MaxBy(period => period.Further.GetValueOrDefault(SentenceTraining.SpearmanName, double.NegativeInfinity));
        return best?.Further.TryGetValue(SentenceTraining.SpearmanName, out double spearman) == true
            ? $"\nbest by the scored pairs: period {best.Epoch}, Spearman {spearman:f4}, in {Checkpoint.BestName}"
            : "";
    }

    /// <summary>
    /// Which version a run was begun with, where that is another: what it comes to is then neither version's to the bit.
    /// </summary>
    private static string? OtherVersion(IReadOnlyDictionary<string, string> environment) =>
        environment.GetValueOrDefault("dropoutlab") is { } version && version != RunEnvironment.Version
            ? $"DropoutLab {version}, this is {RunEnvironment.Version}: its masks may be others"
            : null;

    private static string Dropout(DropoutSettings dropout, Network network) => dropout.IsPlain
        ? $"{dropout.Rule}"
        : $"{dropout.Rule}, {dropout.Sharing}, at the inputs of {SiteNames.Text(dropout, network)}";
}
