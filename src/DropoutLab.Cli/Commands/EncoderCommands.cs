using System.CommandLine;
using DropoutLab.Backends;
using DropoutLab.Cli.Options;
using DropoutLab.Data.Text;
using DropoutLab.Runs;
using DropoutLab.Sentences;
using DropoutLab.Storage;

namespace DropoutLab.Cli.Commands;

/// <summary>What opens an encoder: its folder, pooling, and what computes.</summary>
internal sealed class EncoderOptions
{
    private readonly Argument<string> folder = CommandOption.PathArgument(
        "RUN", "The folder of a run on sentences, or a pretrained encoder's");

    private readonly Option<string?> pooling = PoolingOption();

    private readonly ComputeOptions compute;

    public EncoderOptions(Command command)
    {
        command.Add(folder);
        command.Add(pooling);
        compute = new ComputeOptions(command);
    }

    public static Option<string?> PoolingOption() => CommandOption.Create<string>(
        "--pooling", "cls|mean", "What stands for a sentence: its first token, or the mean over all", "the run's, else mean",
        text => SentenceSettings.NameOf(SentenceSettings.PoolingOf(text)));

    /// <summary>What computes sentences; in f32, for products in less are written for no processor yet.</summary>
    public Compute Compute(ParseResult parse) => compute.Open(parse, Precision.Float32, null, null);

    public SentenceEncoder Open(ParseResult parse, Compute device) =>
        Open(parse.GetRequiredValue(folder), parse.GetValue(pooling), device);

    public static SentenceEncoder Open(string folder, string? pooling, Compute device) =>
        SentenceEncoder.Open(folder, device.Backend, pooling is null ? null : SentenceSettings.PoolingOf(pooling));
}

/// <summary>Sentences as vectors, in a file that NumPy reads.</summary>
internal sealed class EmbedCommand : Command
{
    private const int AtATime = 1024;

    private readonly Option<string?> sentences = CommandOption.Create<string>(
        "--sentences", "FILE", "The sentences, one a line", "none", CommandOption.Path);

    private readonly Option<string?> output = OutputFile.Option("NumPy's format .npy: a row a sentence", "embeddings.npy");
    private readonly Option<bool> normalize = CommandOption.Flag("--normalize", "Give every row the length 1");

    public EmbedCommand(CommandConsole console)
        : base("embed", "Write the embeddings of sentences.")
    {
        Add(sentences);
        Add(output);
        Add(normalize);
        EncoderOptions encoder = new(this);
        SetAction(parse =>
        {
            string from = parse.GetValue(sentences)
                ?? throw new DropoutLabException("there are no sentences to embed: add --sentences FILE, one a line");
            using Compute device = encoder.Compute(parse);
            using SentenceEncoder model = encoder.Open(parse, device);
            using SentenceFile file = new(from, console.Cancellation);
            string path = parse.GetValue(output) ?? "embeddings.npy";
            NpyFile.Write(
                path, file.Count, model.Shape.HiddenSize,
                file.Chunk(AtATime).SelectMany(some => model.Embed(some, parse.GetValue(normalize), console.Cancellation))
                    .Select(row => (ReadOnlyMemory<float>)row));
            console.Output.WriteLine($"{file.Count:n0} sentences, {model.Shape.HiddenSize} numbers each, in {path}");
            return ExitCode.Success;
        });
    }
}

/// <summary>A trained encoder for other programs.</summary>
internal sealed class ExportCommand : Command
{
    private const string HuggingFace = "huggingface";

    private readonly Option<string?> format = CommandOption.Create<string>(
        "--format", HuggingFace, "config.json, vocab.txt and model.safetensors in Hugging Face's layout", HuggingFace,
        text => text == HuggingFace ? text : throw new DropoutLabException($"there is no format '{text}': choose {HuggingFace}"));

    private readonly Option<string?> output = OutputFolder.Option("The folder to write", "RUN-export");

    public ExportCommand(CommandConsole console)
        : base("export", "Write a trained encoder of sentences for other programs.")
    {
        Add(format);
        Add(output);
        EncoderOptions encoder = new(this);
        SetAction(parse =>
        {
            using Compute device = encoder.Compute(parse);
            using SentenceEncoder model = encoder.Open(parse, device);
            string path = parse.GetValue(output) ?? $"{Path.TrimEndingDirectorySeparator(model.Name)}-export";
            model.Write(path);
            console.Output.WriteLine($"an encoder of {model.Shape.LayerCount} × {model.Shape.HiddenSize} in {path}");
            return ExitCode.Success;
        });
    }
}
