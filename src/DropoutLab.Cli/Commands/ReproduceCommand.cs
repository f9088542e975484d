using System.CommandLine;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Training;

namespace DropoutLab.Cli.Commands;

/// <summary>The poster's comparison of dropout's passes, as far as it goes in three minutes.</summary>
internal sealed class ReproduceCommand : Command
{
    private const double BudgetSeconds = 130;
    private const double DropProbability = 0.3;

    private static readonly DropoutRule[] Rules =
        [DropoutRule.None, DropoutRule.Standard(DropProbability), DropoutRule.Forward(DropProbability),
            DropoutRule.Backward(DropProbability)];

    private readonly CommandConsole console;
    private readonly Option<bool> quick = CommandOption.Flag(
        "--quick", "The only form there is so far: a few epochs, under three minutes");
    private readonly Option<int?> epochs = CommandOption.Create(
        "--epochs", "N", "Epochs of each training, however long they take", "as many as fit into the time, 1 to 5",
        CommandOption.WholeNumber(1, 1000));

    private readonly Option<ulong?> seed = SharedOptions.Seed();
    private readonly ComputeOptions compute;
    private readonly Option<string?> dataDirectory = SharedOptions.DataDirectory();
    private readonly Option<string?> folder = OutputFolder.Option(
        $"Folder for {QuickResults.FileName}, with the metrics of every epoch", "none is written");

    public ReproduceCommand(CommandConsole console)
        : base("reproduce",
            "Compare plain, standard, forward and backward dropout: ConvNet-Quick on CIFAR-10 if it is at hand, else on "
                + "Fashion-MNIST.")
    {
        this.console = console;
        Add(quick);
        Add(epochs);
        Add(seed);
        compute = new ComputeOptions(this);
        Add(dataDirectory);
        Add(folder);
        SetAction(Run);
    }

    private int Run(ParseResult parse)
    {
        if (!parse.GetValue(quick))
            throw new DropoutLabException("reproduce needs --quick: the full reproduction is not there yet");
        using Compute device = compute.Open(parse);
        QuickResultsFile? file = parse.GetValue(folder) is { } path ? QuickResultsFile.Create(path) : null;
        ImageDataset all = LoadDataset(parse.GetValue(dataDirectory));
        QuickTraining training = QuickTraining.Prepare(
            all, device, Rules, parse.GetValue(epochs), BudgetSeconds, parse.GetValue(seed) ?? SharedOptions.DefaultSeed);
        training.Describe(console);

        QuickResult[] results = [.. Rules.Select(rule => training.Run(console, rule))];
        WriteTable(results);
        if (file is not null)
        {
            file.Write(training.ResultsOf(results));
            console.Output.WriteLine($"written to {file.Path}");
        }

        return ExitCode.Success;
    }

    private ImageDataset LoadDataset(string? directory)
    {
        const string First = "cifar10", Second = "fashion-mnist";
        string name = DatasetCatalog.Locate(First, directory) is null ? Second : First;
        return DatasetLoading.Load(console, name, directory);
    }

    private void WriteTable(IReadOnlyList<QuickResult> results)
    {
        console.Output.WriteLine();
        ResultTable table = new(console, "dropout", "test accuracy", "train loss", "test loss", "images/s");
        foreach (QuickResult result in results)
        {
            EpochMetrics last = result.Epochs[^1];
            table.AddRow(
                result.Dropout, $"{last.TestAccuracy:f4}", $"{last.TrainLoss:f4}", $"{last.TestLoss:f4}",
                $"{result.Epochs.Max(epoch => epoch.DataPerSecond):n0}");
        }

        table.Write();
        console.Output.WriteLine("train loss: mean of the last epoch's steps, dropout on; test loss and accuracy: dropout off");
    }
}
