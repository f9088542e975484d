using System.CommandLine;
using DropoutLab.Classification;
using DropoutLab.Cli.Options;
using DropoutLab.Runs;
using DropoutLab.Sentences;

namespace DropoutLab.Cli.Commands;

/// <summary>A trained network for other programs.</summary>
internal sealed class ExportCommand : Command
{
    private const string HuggingFace = "huggingface", Onnx = "onnx";

    private readonly Option<string?> format = CommandOption.Create<string>(
        "--format", $"{HuggingFace}|{Onnx}",
        "An encoder's config.json, vocab.txt and model.safetensors in Hugging Face's layout, or any network as an ONNX file",
        HuggingFace,
        text => text is HuggingFace or Onnx
            ? text
            : throw new DropoutLabException($"there is no format '{text}': choose {HuggingFace} or {Onnx}"));

    private readonly Option<string?> output = CommandOption.Create<string>(
        "--out", "PATH", "The folder to write, or of onnx the file", "RUN-export, or RUN.onnx", CommandOption.Path);

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
            bool isOnnx = parse.GetValue(format) == Onnx;
            if (parse.GetValue(fold) && !isOnnx)
                throw new DropoutLabException($"--fold-batch-norm is for --format {Onnx}");
            string run = Path.TrimEndingDirectorySeparator(encoder.Folder(parse));
            string path = parse.GetValue(output) ?? (isOnnx ? $"{run}.onnx" : $"{run}-export");
            if (isOnnx ? Directory.Exists(path) : File.Exists(path))
                throw new DropoutLabException($"--out: {path} is a {(isOnnx ? "folder, a file" : "file, a folder")} is needed");
            console.Output.WriteLine($"{Write(parse, device, run, path, isOnnx)} in {path}");
            return ExitCode.Success;
        });
    }

    /// <summary>Writes it, and says what it was.</summary>
    private string Write(ParseResult parse, Compute device, string run, string path, bool isOnnx)
    {
        if (File.Exists(Checkpoint.PathIn(run)) && RunConfiguration.Read(run).Sentences is null)
        {
            if (!isOnnx)
                throw new DropoutLabException($"{run} is a run on images: add --format {Onnx}");
            using Predictor predictor = Predictor.Open(run, device.Backend);
            predictor.WriteOnnx(path, parse.GetValue(fold));
            return $"a classifier of {predictor.ClassNames.Count} classes";
        }

        using SentenceEncoder model = encoder.Open(parse, device);
        if (isOnnx)
            model.WriteOnnx(path);
        else
            model.Write(path);
        return $"an encoder of {model.Shape.LayerCount} × {model.Shape.HiddenSize}";
    }
}
