using System.CommandLine;
using System.Globalization;
using DropoutLab.Cli.Options;
using DropoutLab.Dashboard.Explain;
using DropoutLab.Explanations;
using DropoutLab.Storage;

namespace DropoutLab.Cli.Commands;

/// <summary>What dropout does in a minibatch, as a page with every number of an example.</summary>
internal sealed class ExplainCommand : Command
{
    private const int DefaultBatchSize = 3;
    private const string DefaultRule = "standard";
    private const string DefaultFile = "explain.html";

    private readonly CommandConsole console;

    private readonly Option<ulong?> seed = CommandOption.Create(
        "--seed", "N", "What the example's numbers and its masks derive from", $"{SharedOptions.DefaultSeed}",
        CommandOption.Seed);

    private readonly Option<int?> batchSize = CommandOption.Create(
        "--batch", "N", $"Data of the minibatch, 1 to {ExplanationSettings.LargestBatch}", $"{DefaultBatchSize}",
        CommandOption.WholeNumber(1, ExplanationSettings.LargestBatch));

    private readonly Option<double?> ratio = CommandOption.Create(
        "--ratio", "P", "The probability that a feature is dropped",
        ExplanationSettings.DefaultRatio.ToString(CultureInfo.InvariantCulture), ReadRatio);

    private readonly Option<string?> dropout = CommandOption.Create<string>(
        "--dropout", "RULE", "Rule of the logistic regression: its name, or with a ratio as in forward:0.3",
        DefaultRule, ReadRule);

    private readonly Option<uint?> step = CommandOption.Create(
        "--step", "N", "The training step that the masks are drawn for", $"{ExplanationSettings.DefaultStep}", ReadStep);

    private readonly Option<IReadOnlyList<MaskElement>?> masks = CommandOption.Create(
        "--mask", "LIST", "Elements of masks that are given, not drawn, as in x1:2.3=0,h2:1.4=1", "none",
        MaskElement.ParseList);

    private readonly Option<string?> file = CommandOption.Create<string>(
        "--out", "FILE", "The page", DefaultFile, CommandOption.Path);

    private readonly Option<string?> pictures = PictureFolder.Option();

    public ExplainCommand(CommandConsole console)
        : base("explain", "Write a page that shows what dropout does in a minibatch, with every number of a real training step.")
    {
        this.console = console;
        foreach (Option option in (Option[])[seed, batchSize, ratio, dropout, step, masks, file, pictures])
            Add(option);
        SetAction((parse, _) => Run(parse));
    }

    private async Task<int> Run(ParseResult parse)
    {
        Explanation explanation = Explanation.Compute(Settings(parse));
        string page = parse.GetValue(file) ?? DefaultFile;
        // The page last: whoever finds it finds its pictures.
        if (parse.GetValue(pictures) is string folder)
            await WritePictures(explanation, folder, page);
        AtomicFile.WriteText(page, await ExplainDocument.RenderPageAsync(explanation));
        console.Told(page, $"wrote {page}: open it in a browser");
        return ExitCode.Success;
    }

    private ExplanationSettings Settings(ParseResult parse)
    {
        double? p = parse.GetValue(ratio);
        string rule = parse.GetValue(dropout) ?? DefaultRule;
        if (p is not null && rule.Contains(':', StringComparison.Ordinal))
            throw new DropoutLabException($"--ratio and --dropout {rule} both give a ratio: leave out one of them");
        return new ExplanationSettings(
            parse.GetValue(seed) ?? SharedOptions.DefaultSeed,
            parse.GetValue(batchSize) ?? DefaultBatchSize,
            ExplanationSettings.ParseRule(rule, p),
            p,
            parse.GetValue(step) ?? ExplanationSettings.DefaultStep)
        {
            MaskElements = parse.GetValue(masks) ?? [],
        };
    }

    private async Task WritePictures(Explanation explanation, string folder, string page)
    {
        IReadOnlyDictionary<string, string> files = await ExplainDocument.RenderPicturesAsync(explanation);
        PictureFolder.Write(folder, files);
        console.Told(page, $"wrote {files.Count} pictures into {folder}");
    }

    private static double? ReadRatio(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is >= 0 and < 1
            ? number
            : throw new DropoutLabException($"'{text}' is not a ratio: use a number from 0 up to, but not including, 1");

    private static uint? ReadStep(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : throw new DropoutLabException($"'{text}' is not a whole number from 0 to {uint.MaxValue}");

    private static string ReadRule(string text) => ExplanationSettings.ParseRule(text, ratio: null) is not null ? text : "";
}
