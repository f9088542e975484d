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

    public static Option<string?> PoolingOption() => SharedOptions.Pooling("the run's, else mean");

    public string Folder(ParseResult parse) => parse.GetRequiredValue(folder);

    public Compute Compute(ParseResult parse) => compute.OpenForSentences(parse);

    public SentenceEncoder Open(ParseResult parse, Compute device) =>
        Open(Folder(parse), parse.GetValue(pooling), device);

    public static SentenceEncoder Open(string folder, string? pooling, Compute device) =>
        SentenceEncoder.Open(folder, device.Backend, pooling is null ? null : SentenceSettings.PoolingOf(pooling));
}

/// <summary>Sentences as vectors, in a file that NumPy reads.</summary>
internal sealed class EmbedCommand : Command
{
    private const int AtATime = 1024;

    private readonly Option<string?> sentences = SharedOptions.Sentences("The sentences", "none");

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
