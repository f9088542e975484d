using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>Accuracy and loss of a run's checkpoint.</summary>
internal sealed class EvaluateCommand : Command
{
    private readonly CommandConsole console;
    private readonly Argument<string> folder = new("RUN") { Description = "The run's folder" };
    private readonly Option<string?> dataDirectory = SharedOptions.DataDirectory();
    private readonly ComputeOptions compute;
    private readonly Option<bool> json = CommandOption.Flag("--json", "Print one JSON object");

    public EvaluateCommand(CommandConsole console)
        : base("evaluate", "Evaluate a run's checkpoint on the test set: accuracy and loss, without dropout.")
    {
        this.console = console;
        Add(folder);
        Add(dataDirectory);
        compute = new ComputeOptions(this, ofRun: true);
        Add(json);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        string path = parse.GetRequiredValue(folder);
        RunConfiguration configuration = RunConfiguration.Read(path);
        if (!File.Exists(Path.Combine(path, Checkpoint.FileName)))
            throw new DropoutLabException($"{path} has no checkpoint: the run has not completed an epoch; go on with it by train --resume --out {path}");
        bool asJson = parse.GetValue(json);
        using Compute device = compute.Open(parse, configuration);
        ImageDataset data = DatasetLoading.Load(console, configuration.Dataset, parse.GetValue(dataDirectory), quiet: asJson);
        TrainingOptions options = configuration.ToOptions() with { Precision = device.Precision };
        using Trainer trainer = new(ModelRecipe.Find(configuration.Model).CreateFor(data), data, options, device.Backend);
        Checkpoint.Restore(path, trainer, configuration);
        Write(new Result(path, trainer.CompletedEpochs, trainer.Evaluate(data.Test), device.Precision), configuration, asJson);
        return ExitCode.Success;
    }

    private void Write(Result result, RunConfiguration configuration, bool asJson)
    {
        Evaluation test = result.Test;
        if (asJson)
        {
            console.Output.WriteLine(JsonOutput.Line(new
            {
                result.Run,
                result.Epoch,
                TestLoss = test.Loss,
                TestAccuracy = test.Accuracy,
                Images = test.Count,
                Precision = result.Precision.ShortName(),
            }));
            return;
        }

        FactList.Write(
            console,
            ("checkpoint", $"{result.Run}, after epoch {result.Epoch} of {configuration.Epochs}"),
            ("trained", $"{configuration.Model} on {configuration.Dataset}, dropout {configuration.Dropout}"),
            ("accuracy", $"{test.Accuracy:f4} on {test.Count:n0} test images"),
            ("loss", $"{test.Loss:f4}"));
    }

    private sealed record Result(string Run, int Epoch, Evaluation Test, Precision Precision);
}
