using System.CommandLine;
using DropoutLab.Classification;
using DropoutLab.Cli.Options;
using DropoutLab.Runs;
using DropoutLab.Sentences;

namespace DropoutLab.Cli.Commands;

/// <summary>A trained network for other programs.</summary>
internal sealed class ExportCommand : Command
{
    private const string HuggingFace = "huggingface", Onnx = "onnx", Safetensors = "safetensors";

    private readonly Option<string?> format = CommandOption.Create<string>(
        "--format", $"{HuggingFace}|{Onnx}|{Safetensors}",
        "An encoder's config.json, vocab.txt and model.safetensors in Hugging Face's layout, any network as an ONNX file, or a "
            + "classifier's weights by the names and in the layouts of PyTorch",
        HuggingFace,
        text => text is HuggingFace or Onnx or Safetensors
            ? text
            : throw new DropoutLabException(
                $"there is no format '{text}': choose {HuggingFace}, {Onnx} or {Safetensors}"));

    private readonly Option<string?> output = CommandOption.Create<string>(
        "--out", "PATH", "The folder to write, or of onnx and safetensors the file", "RUN-export, RUN.onnx or RUN.safetensors",
        CommandOption.Path);

    private readonly Option<bool> fold = CommandOption.Flag(
        "--fold-batch-norm", "Put batch normalisation into the weights of the convolution before it; of onnx");

    private readonly EncoderOptions encoder;

    public ExportCommand(CommandConsole console)
        : base("export", "Write a trained network for other programs.")
    {
        Add(format);
        Add(output);
        Add(fold);
        encoder = new EncoderOptions(this);
        SetAction(parse =>
        {
            using Compute device = encoder.Compute(parse);
            string chosen = parse.GetValue(format) ?? HuggingFace;
            if (parse.GetValue(fold) && chosen != Onnx)
                throw new DropoutLabException($"--fold-batch-norm is for --format {Onnx}");
            string run = Path.TrimEndingDirectorySeparator(encoder.Folder(parse));
            bool isFile = chosen != HuggingFace;
            string path = parse.GetValue(output) ?? (isFile ? $"{run}.{chosen}" : $"{run}-export");
            if (isFile ? Directory.Exists(path) : File.Exists(path))
                throw new DropoutLabException($"--out: {path} is a {(isFile ? "folder, a file" : "file, a folder")} is needed");
            console.Output.WriteLine($"{Write(parse, device, run, path, chosen)} in {path}");
            return ExitCode.Success;
        });
    }

    /// <summary>Writes it, and says what it was.</summary>
    private string Write(ParseResult parse, Compute device, string run, string path, string chosen)
    {
        if (File.Exists(Checkpoint.PathIn(run)) && RunConfiguration.Read(run).Sentences is null)
        {
            if (chosen == HuggingFace)
                throw new DropoutLabException($"{run} is no encoder of sentences: add --format {Onnx} or {Safetensors}");
            using Predictor predictor = Predictor.Open(run, device.Backend);
            if (chosen == Onnx)
                predictor.WriteOnnx(path, parse.GetValue(fold));
            else
                predictor.WriteWeights(path);
            return predictor.PredictsNumbers ? "a regression" : $"a classifier of {predictor.ClassNames.Count} classes";
        }

        if (chosen == Safetensors)
            throw new DropoutLabException($"{run} is an encoder: --format {HuggingFace} has its model.safetensors");
        using SentenceEncoder model = encoder.Open(parse, device);
        if (chosen == Onnx)
            model.WriteOnnx(path);
        else
            model.Write(path);
        return $"an encoder of {model.Shape.LayerCount} × {model.Shape.HiddenSize}";
    }
}
