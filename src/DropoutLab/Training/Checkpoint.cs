using System.Globalization;
using DropoutLab.Backends;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Storage;

namespace DropoutLab.Training;

/// <summary>
/// The state between two epochs, as a safetensors file: every parameter under its name, its momentum under momentum/NAME, the images'
/// normalisation under images/mean and images/factor, and the number of epochs in the metadata. Nothing else is needed to go on, for
/// order, masks and rates are functions of the step.
/// </summary>
public static class Checkpoint
{
    /// <summary>The file's name within the run's folder.</summary>
    public const string FileName = "checkpoint.safetensors";

    private const string Format = "dropoutlab-checkpoint-1";
    private const string ImageMean = "images/mean";
    private const string ImageFactor = "images/factor";

    /// <summary>Writes a trainer's state into a folder: parameters, momenta and running averages in 32 bits.</summary>
    /// <exception cref="DropoutLabException">The file cannot be written, or the trainer computes in 64 bits.</exception>
    /// <exception cref="InvalidOperationException">The trainer's last epoch was broken off.</exception>
    public static void Write(string folder, Trainer trainer, RunConfiguration configuration)
    {
        trainer.RequireWhole();
        RequireHoldable(trainer);
        List<NamedArray> arrays =
        [
            NamedArray.Create<float>(ImageMean, trainer.Input.Axes, trainer.Transform.Means.Span),
            NamedArray.Create<float>(ImageFactor, trainer.Input.Axes, trainer.Transform.Factors.Span),
        ];
        foreach (Parameter parameter in trainer.Parameters.Parameters)
        {
            arrays.Add(NamedArray.Create<float>(
                parameter.Name, parameter.Shape.Axes, trainer.Parameters.ReadSingle(parameter.Name, ParameterArray.Value)));
            if (parameter.IsTrained)
                arrays.Add(NamedArray.Create<float>(
                    MomentumName(parameter), parameter.Shape.Axes, trainer.Parameters.ReadSingle(parameter.Name, ParameterArray.Momentum)));
        }

        SafetensorsFile.Write(Path.Combine(folder, FileName), arrays, new Dictionary<string, string>
        {
            ["format"] = Format,
            ["model"] = configuration.Model,
            ["dataset"] = configuration.Dataset,
            ["epoch"] = trainer.CompletedEpochs.ToString(CultureInfo.InvariantCulture),
        });
    }

    /// <summary>Puts a checkpoint's state into a trainer.</summary>
    /// <exception cref="DropoutLabException">The file is damaged, or of another model, data set or set of training images.</exception>
    public static void Restore(string folder, Trainer trainer, RunConfiguration configuration)
    {
        string path = Path.Combine(folder, FileName);
        SafetensorsFile file = Read(path, configuration);
        if (!int.TryParse(file.Metadata.GetValueOrDefault("epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out int epoch))
            throw new DropoutLabException($"{path} does not say after which epoch it was written");
        RequireSameImages(path, file, trainer, configuration.Dataset);
        ReadValues(file, trainer.Parameters);
        foreach (Parameter parameter in trainer.Parameters.Parameters.Where(parameter => parameter.IsTrained))
            trainer.Parameters.Write(parameter.Name, ParameterArray.Momentum, file.Values<float>(MomentumName(parameter), parameter.Shape.Axes));
        trainer.ContinueAfter(epoch);
    }

    /// <summary>Reads what predicting takes: the parameters, and what makes the network's input of images.</summary>
    /// <exception cref="DropoutLabException">The file is damaged, of another model or data set, or does not say what makes the input.</exception>
    internal static PixelTransform ReadNetwork(string folder, RunConfiguration configuration, ImageShape input, ParameterStore parameters)
    {
        string path = Path.Combine(folder, FileName);
        SafetensorsFile file = Read(path, configuration);
        if (!HoldsImages(file))
            throw new DropoutLabException($"{path} does not hold its images' normalisation, for a version before 0.2.0 wrote it: train its run for an epoch more, or anew");
        ReadValues(file, parameters);
        return PixelTransform.Of(file.Values<float>(ImageMean, input.Axes), file.Values<float>(ImageFactor, input.Axes));
    }

    /// <exception cref="DropoutLabException">The trainer computes in 64 bits.</exception>
    internal static void RequireHoldable(Trainer trainer)
    {
        if (trainer.Precision == Precision.Float64)
            throw new DropoutLabException("a checkpoint holds 32 bits a number: a training in 64 would not go on where it stopped");
    }

    /// <summary>After how many epochs a run's checkpoint was written; 0 where there is none that can be read.</summary>
    internal static int CompletedEpochs(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            return File.Exists(path) && int.TryParse(
                SafetensorsFile.ReadMetadata(path).GetValueOrDefault("epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out int epoch) ? epoch : 0;
        }
        catch (DropoutLabException)
        {
            return 0; // Whoever goes on with the run says what is wrong with it.
        }
    }

    /// <summary>Files of versions before 0.2.0 do not say what images they are of.</summary>
    private static void RequireSameImages(string path, SafetensorsFile file, Trainer trainer, string dataset)
    {
        if (!HoldsImages(file))
            return;
        int[] axes = trainer.Input.Axes;
        if (!file.Values<float>(ImageMean, axes).SequenceEqual(trainer.Transform.Means.Span)
            || !file.Values<float>(ImageFactor, axes).SequenceEqual(trainer.Transform.Factors.Span))
        {
            throw new DropoutLabException(
                $"{path} was trained on other images than those of {dataset} that are at hand: their means differ; give the --data-dir that it was begun with");
        }
    }

    private static SafetensorsFile Read(string path, RunConfiguration configuration)
    {
        SafetensorsFile file = SafetensorsFile.Read(path);
        if (file.Metadata.GetValueOrDefault("format") != Format)
            throw new DropoutLabException($"{path} is no checkpoint of this program: its format is not {Format}");
        if (!file.HasChecksum)
            throw new DropoutLabException($"{path} is damaged: it has no checksum, which every checkpoint of this program has");
        Expect(path, file, "model", configuration.Model);
        Expect(path, file, "dataset", configuration.Dataset);
        return file;
    }

    private static void ReadValues(SafetensorsFile file, ParameterStore parameters)
    {
        foreach (Parameter parameter in parameters.Parameters)
            parameters.Write(parameter.Name, ParameterArray.Value, file.Values<float>(parameter.Name, parameter.Shape.Axes));
    }

    private static bool HoldsImages(SafetensorsFile file) => file.Arrays.Any(array => array.Name == ImageMean);

    private static string MomentumName(Parameter parameter) => $"momentum/{parameter.Name}";

    private static void Expect(string path, SafetensorsFile file, string key, string expected)
    {
        string? actual = file.Metadata.GetValueOrDefault(key);
        if (actual != expected)
            throw new DropoutLabException($"{path} is a checkpoint of the {key} {actual ?? "unknown"}; this run's is {expected}");
    }
}
