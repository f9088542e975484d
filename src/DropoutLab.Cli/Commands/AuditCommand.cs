using System.CommandLine;
using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Cli.Display;
using DropoutLab.Cli.Options;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Recipes;
using DropoutLab.Storage;

namespace DropoutLab.Cli.Commands;

/// <summary>Writes one training step so that any other program can check it.</summary>
internal sealed class AuditCommand : Command
{
    private const string DefaultFile = "step.safetensors";
    private const string Initial = "initial";
    private const string Random = "random";
    private const string MadeUp = "made-up";
    private const int DefaultBatchSize = 8;

    private const int LargestBatch = 1024;
    private const int RoomForHeader = 1 << 20;

    private readonly CommandConsole console;
    private readonly Option<string?> model = SharedOptions.Model();
    private readonly Option<DropoutRule?> dropout = SharedOptions.Dropout();
    private readonly Option<SiteSelection?> dropoutAt = SharedOptions.DropoutSites();
    private readonly Option<MaskSharing?> maskSharing = SharedOptions.MaskSharing();
    private readonly Option<int?> batchSize = CommandOption.Create(
        "--batch-size", "N", "Images of the step", $"{DefaultBatchSize}", CommandOption.WholeNumber(1, LargestBatch));

    private readonly Option<ulong?> seed = SharedOptions.Seed("What parameters, masks and made-up images derive from");
    private readonly Option<int?> step = CommandOption.Create(
        "--step", "N", "The step, from 0, whose masks are used", "0", CommandOption.WholeNumber(0, int.MaxValue));

    private readonly Option<string?> parameters = CommandOption.Create<string>(
        "--parameters", $"{Initial}|{Random}",
        "Weights and biases; initial: those that training starts from; random: none of them 0, so that each shows in the arrays",
        Initial, ReadParameters);

    private readonly Option<string?> dataset = SharedOptions.Dataset(
        "The first training images of a data set", $"{MadeUp} 32×32×3 images");
    private readonly Option<string?> dataDirectory = SharedOptions.DataDirectory();
    private readonly ComputeOptions compute;
    private readonly Option<string?> file = OutputFile.Option("The file; an old one is replaced", DefaultFile);
    private readonly Option<string?> replay = CommandOption.Create<string>(
        "--replay", "FILE",
        "Compute the step in FILE again, with its masks as data, and compare every bit; beside it only --backend and --threads, "
            + "by default the file's",
        "a new step", CommandOption.Path);

    public AuditCommand(CommandConsole console)
        : base("audit", "Write one training step, every array of it, so that any other program can check it.")
    {
        this.console = console;
        foreach (Option option in new Option[]
        {
            model, dropout, dropoutAt, maskSharing, batchSize, seed, step, parameters, dataset, dataDirectory,
        })
            Add(option);
        compute = new ComputeOptions(this, precisions: PrecisionChoice.Checked);
        Add(file);
        Add(replay);
        SetAction(parse => parse.GetValue(replay) is { } recorded ? Replay(parse, recorded) : Run(parse));
    }

    private int Run(ParseResult parse)
    {
        string path = parse.GetValue(file) ?? DefaultFile;
        string start = parse.GetValue(parameters) ?? Initial;
        DropoutSettings settings = new(
            parse.GetValue(dropout) ?? DropoutRule.None,
            parse.GetValue(dropoutAt) ?? SiteSelection.All,
            parse.GetValue(maskSharing) ?? MaskSharing.PerDatum);
        using Compute device = compute.Open(parse);
        AuditData data = Data(parse);
        StepInput input = start == Random
            ? data.Input with { Parameters = MadeUpInput.Parameters(data.Network, data.Input.Seed) }
            : data.Input;
        RequireReadable(data.Network, settings, input.Labels.Length, device.Precision);
        StepAudit audit = StepAudit.Run(data.Network, settings, input, device.Backend, device.Precision);
        string images = parse.GetValue(dataset) ?? MadeUp;
        console.Cancellation.ThrowIfCancellationRequested();
        AuditFile.Write(path, audit, new Dictionary<string, string> { ["image_source"] = images, ["parameter_source"] = start });
        if (AtomicFile.IsStandardOutput(path))
            return ExitCode.Success;
        WriteFacts(path, audit, $"{images} images, {start} parameters", device);
        WriteLayers(audit);
        return ExitCode.Success;
    }

    private int Replay(ParseResult parse, string path)
    {
        Option? superfluous = Options.FirstOrDefault(option =>
            parse.GetResult(option) is { Implicit: false } && option.Name is not ("--replay" or "--backend" or "--threads"));
        if (superfluous is not null)
            throw new DropoutLabException(
                $"--replay {path}: the step is the file's, {superfluous.Name} cannot be given beside it");
        StepAudit recorded = AuditFile.Read(path);
        AuditSettings settings = recorded.Settings;
        using Compute device = compute.Open(
            parse, settings.Precision, settings.Backend.Split(':')[0], settings.Threads);
        return new AuditReplay(path, recorded, device).Run(console);
    }

    /// <summary>Readers of safetensors on .NET end at 2 GiB, this program's too.</summary>
    private static void RequireReadable(Network network, DropoutSettings settings, int batchSize, Precision precision)
    {
        BuiltNetwork built = network.Build(batchSize, settings);
        // Of each layer the input, both factors and the input's gradient; the output and its gradient. Parameters and their
        // gradients.
        long elements = built.WeightLayers.Sum(layer => (4L * layer.Input.Shape.Count) + (2L * layer.Output.Shape.Count))
            + (2L * built.Parameters.Sum(parameter => (long)parameter.Shape.Count)) + built.Input.Shape.Count + batchSize;
        long bytes = elements * (precision == Precision.Float64 ? sizeof(double) : sizeof(float));
        if (bytes > int.MaxValue - RoomForHeader)
            throw new DropoutLabException(
                $"--batch-size {batchSize}: the arrays of {network.Name} would take {bytes / 1e9:f1} GB, a file can be read up "
                    + "to 2.1 GB: choose a smaller one");
    }

    private AuditData Data(ParseResult parse)
    {
        ModelRecipe recipe = ModelRecipe.Find(parse.GetValue(model) ?? SharedOptions.DefaultModel);
        int count = parse.GetValue(batchSize) ?? DefaultBatchSize;
        ulong chosenSeed = parse.GetValue(seed) ?? SharedOptions.DefaultSeed;
        uint number = (uint)(parse.GetValue(step) ?? 0);
        return parse.GetValue(dataset) is { } name
            ? AuditData.FirstOf(
                DatasetLoading.Load(console, name, parse.GetValue(dataDirectory)), recipe, count, chosenSeed, number)
            : AuditData.MadeUp(recipe, count, chosenSeed, number);
    }

    private void WriteFacts(string path, StepAudit audit, string sources, Compute device)
    {
        AuditSettings settings = audit.Settings;
        FactList.Write(
            console,
            ("written", $"{path}, {new FileInfo(path).Length / 1e6:f1} MB"),
            ("step",
                $"{settings.Network}, step {settings.Step} of seed {settings.Seed}, "
                    + $"{Quantity.Text(audit.Labels.Count, "image")}; {sources}"),
            ("dropout", settings.Sites.Count == 0
                ? $"{settings.Rule}"
                : $"{settings.Rule}, {settings.Sharing}, at the inputs of {SiteNames.Text(settings.Rule, settings.Sites)}"),
            ("computing", $"{device}"),
            ("advice", device.Advice),
            ("loss", $"{audit.Loss:g7}"));
        console.Output.WriteLine();
    }

    private void WriteLayers(StepAudit audit)
    {
        ResultTable table = new(
            console, "layer L", "<weight", "<input, factors, grad_input", "<output, grad_output", "F is 0", "B is 0");
        foreach (LayerAudit layer in audit.Layers)
        {
            table.AddRow(
                layer.Name, $"{layer.Weight.Shape}", $"{layer.Input.Shape}", $"{layer.Output.Shape}",
                $"{Zeros(layer.ForwardFactor):p1}", $"{Zeros(layer.BackwardFactor):p1}");
        }

        table.Write();
        console.Output.WriteLine();
        console.Output.WriteLine(
            "Arrays: L.weight L.bias L.input L.forward_factor L.backward_factor L.output L.grad_output L.grad_weight");
        console.Output.WriteLine(
            "        L.grad_bias L.grad_input for each layer L; images, labels, loss. Any reader of safetensors opens them;");
        console.Output.WriteLine(
            "        docs/audit.md has layouts and a reader, tests/audit/check_step.py checks every equation (both: Python, "
                + "numpy).");
    }

    private static double Zeros(AuditedArray factor) => (double)factor.Values.Count(value => value == 0) / factor.Values.Length;

    private static string ReadParameters(string text) => text is Initial or Random
        ? text
        : throw new DropoutLabException($"there are no parameters '{text}': choose {Initial} or {Random}");
}
