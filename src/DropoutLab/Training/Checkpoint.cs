using System.Globalization;
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Storage;

namespace DropoutLab.Training;

/// <summary>
/// The state between two epochs, as a safetensors file: every parameter under its name, its momentum under momentum/NAME, the images'
/// normalisation under images/mean and images/factor; in the metadata the number of epochs, the names of network, data set and
/// classes, the data's digests, and whose it is where it is that of a run in a folder.
/// Nothing else is needed to go on, for order, masks and rates are functions of the step.
/// </summary>
public static class Checkpoint
{
    /// <summary>The file's name within the run's folder.</summary>
    public const string FileName = "checkpoint.safetensors";

    private const string Format = "dropoutlab-checkpoint-1";
    private const string ImageMean = "images/mean";
    private const string ImageFactor = "images/factor";
    private const string TrainDigest = "digest/train";
    private const string TestDigest = "digest/test";
    private const string RunId = "run_id";

    /// <summary>Where a run's folder has it.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    /// <summary>Writes a trainer's state, whole or not at all: parameters, momenta and running averages in 32 bits.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="trainer">Between two epochs, of any network.</param>
    /// <exception cref="DropoutLabException">
    /// The file cannot be written, the trainer computes in 64 bits, or a parameter has a name that checkpoints have for something else.
    /// </exception>
    /// <exception cref="InvalidOperationException">The trainer's last epoch was broken off.</exception>
    public static void Write(string path, Trainer trainer) => trainer.BetweenEpochs(() => WriteState(path, trainer, runId: null));

    /// <summary><see cref="Write"/> into a run's folder, for that run alone to go on with.</summary>
    internal static void WriteOf(RunConfiguration run, string folder, Trainer trainer) =>
        trainer.BetweenEpochs(() => WriteState(PathIn(folder), trainer, run.RunId));

    /// <summary>Checks that the checkpoint in a run's folder is that run's.</summary>
    /// <exception cref="DropoutLabException">It is another's, or damaged.</exception>
    public static void RequireOf(RunConfiguration run, string folder)
    {
        if (SafetensorsFile.ReadMetadata(PathIn(folder)).GetValueOrDefault(RunId) != run.RunId)
            throw new DropoutLabException(
                $"{PathIn(folder)} is of another run than {RunConfiguration.FileName}; put the run's own file back");
    }

    /// <summary>
    /// Puts a checkpoint's state into a trainer, which then goes on as the one that was written would have, if its options, backend and
    /// number of threads are the same. Where it throws, the trainer is as it was.
    /// </summary>
    /// <exception cref="DropoutLabException">
    /// The file is damaged, or of another network or data set, or of other images, labels or an order of them under its name: for
    /// such <see cref="RestoreParameters"/>.
    /// </exception>
    public static void Restore(string path, Trainer trainer)
    {
        SafetensorsFile file = Read(path, trainer.Network);
        Expect(path, file, "dataset", trainer.Data.Name);
        if (!int.TryParse(file.Metadata.GetValueOrDefault("epoch"), NumberStyles.None, CultureInfo.InvariantCulture, out int epoch))
            throw new DropoutLabException($"{path} does not say after which epoch it was written");
        RequireSameData(path, file, trainer.Data);
        RequireSameImages(path, file, trainer);
        trainer.BetweenEpochs(() =>
        {
            ReadValues(file, trainer.Parameters);
            foreach (Parameter parameter in trainer.Parameters.Parameters.Where(parameter => parameter.IsTrained))
                trainer.Parameters.Write(parameter.Name, ParameterArray.Momentum, file.Values<float>(MomentumName(parameter), parameter.Shape.Axes));
            trainer.ContinueAfter(epoch);
        });
    }

    /// <summary>
    /// Takes over the values of a checkpoint's parameters and running averages alone, to train them further: on other data, by other options.
    /// Momenta and the number of epochs stay the trainer's, and so does its normalisation of the images, by its own training set.
    /// </summary>
    /// <exception cref="DropoutLabException">The file is damaged or of another network. The trainer is then as it was.</exception>
    public static void RestoreParameters(string path, Trainer trainer)
    {
        SafetensorsFile file = Read(path, trainer.Network);
        trainer.BetweenEpochs(() => ReadValues(file, trainer.Parameters));
    }

    /// <summary>Reads what predicting takes: the parameters, what makes the network's input of images, and what its classes are called.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">Whose it is.</param>
    /// <param name="data">The data set that it is of; null for what the file says.</param>
    /// <param name="parameters">Take the file's values.</param>
    /// <exception cref="DropoutLabException">The file is damaged, of another network or data set, or does not hold what it takes.</exception>
    internal static (PixelTransform Transform, IReadOnlyList<string> ClassNames) ReadNetwork(
        string path, Network network, DatasetSource? data, ParameterStore parameters)
    {
        SafetensorsFile file = Read(path, network);
        if (data is not null)
            Expect(path, file, "dataset", data.Name);
        if (!HoldsImages(file) || (data?.ClassNames ?? ClassNamesOf(file, network)) is not { } classNames)
            throw new DropoutLabException(
                $"{path} does not hold its images' normalisation and its classes' names, for a version before 0.2.0 wrote it: train it anew");
        ReadValues(file, parameters);
        return (PixelTransform.Of(file.Values<float>(ImageMean, network.Input.Axes), file.Values<float>(ImageFactor, network.Input.Axes)), classNames);
    }

    /// <summary>Says before the first step what would keep a trainer's checkpoint from being written or read again.</summary>
    /// <exception cref="DropoutLabException">
    /// The trainer computes in 64 bits, or names of the network's arrays or of the classes are such as no checkpoint can hold.
    /// </exception>
    internal static void RequireHoldable(Trainer trainer)
    {
        if (trainer.Precision == Precision.Float64)
            throw new DropoutLabException("a checkpoint holds 32 bits a number: a training in 64 would not go on where it stopped");
        RequireNames(trainer.Network);
        IEnumerable<SafetensorsEntry> entries = ArraysOf(trainer.Network).Select(array =>
            new SafetensorsEntry(array.Name, StoredType.F32, array.Parameter.Shape.Axes.ToArray(), 0, long.MaxValue));
        SafetensorsHeader.Format([.. entries], MetadataOf(trainer, runId: null));
    }

    /// <summary>After how many epochs a run's checkpoint was written; 0 where there is none that can be read.</summary>
    internal static int CompletedEpochs(string folder)
    {
        string path = PathIn(folder);
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

    private static void WriteState(string path, Trainer trainer, string? runId)
    {
        trainer.RequireWhole();
        RequireHoldable(trainer);
        int[] image = trainer.Network.Input.Axes;
        List<NamedArray> arrays =
        [
            NamedArray.Create(ImageMean, image, trainer.Transform.Means.Span),
            NamedArray.Create(ImageFactor, image, trainer.Transform.Factors.Span),
        ];
        foreach (Parameter parameter in trainer.Parameters.Parameters)
        {
            arrays.Add(Copy(parameter.Name, ParameterArray.Value));
            if (parameter.IsTrained)
                arrays.Add(Copy(MomentumName(parameter), ParameterArray.Momentum));

            NamedArray Copy(string name, ParameterArray array) =>
                NamedArray.Create<float>(name, parameter.Shape.Axes, trainer.Parameters.Span<float>(parameter.Name, array));
        }

        SafetensorsFile.Write(path, arrays, MetadataOf(trainer, runId));
        GC.KeepAlive(trainer);
    }

    /// <summary>A file of a time when the digests were not written down is taken by its name and the images' means.</summary>
    private static void RequireSameData(string path, SafetensorsFile file, ImageDataset data)
    {
        if (file.Metadata.GetValueOrDefault(TrainDigest) is { } train && file.Metadata.GetValueOrDefault(TestDigest) is { } test)
            new DataDigests(train, test).Require($"{path} was trained", data.NameAndLocation, data.Digests);
    }

    /// <summary>Files of versions before 0.2.0 do not say what images they are of.</summary>
    private static void RequireSameImages(string path, SafetensorsFile file, Trainer trainer)
    {
        if (!HoldsImages(file))
            return;
        int[] axes = trainer.Network.Input.Axes;
        if (!file.Values<float>(ImageMean, axes).SequenceEqual(trainer.Transform.Means.Span)
            || !file.Values<float>(ImageFactor, axes).SequenceEqual(trainer.Transform.Factors.Span))
        {
            throw new DropoutLabException(
                $"{path} was trained on other images than those of {trainer.Data.Name} that are at hand, or with another scaling of their pixels: means or factors differ");
        }
    }

    private static Dictionary<string, string> MetadataOf(Trainer trainer, string? runId)
    {
        Dictionary<string, string> metadata = new()
        {
            ["format"] = Format,
            ["model"] = trainer.Network.Name,
            ["dataset"] = trainer.Data.Name,
            ["epoch"] = trainer.CompletedEpochs.ToString(CultureInfo.InvariantCulture),
            [TrainDigest] = trainer.Data.Digests.Train,
            [TestDigest] = trainer.Data.Digests.Test,
        };
        if (runId is not null)
            metadata.Add(RunId, runId);
        foreach ((int label, string name) in trainer.Data.ClassNames.Index())
            metadata.Add(ClassKey(label), name);
        return metadata;
    }

    private static SafetensorsFile Read(string path, Network network)
    {
        SafetensorsFile file = SafetensorsFile.Read(path);
        if (file.Metadata.GetValueOrDefault("format") != Format)
            throw new DropoutLabException($"{path} is no checkpoint of this program: its format is not {Format}");
        if (!file.HasChecksum)
            throw new DropoutLabException($"{path} is damaged: it has no checksum, which every checkpoint of this program has");
        Expect(path, file, "model", network.Name);
        RequireArraysOf(path, file, network);
        return file;
    }

    /// <summary>A network of one's own may have changed since, under the same name.</summary>
    private static void RequireArraysOf(string path, SafetensorsFile file, Network network)
    {
        foreach ((string name, Parameter parameter) in ArraysOf(network))
            file.Values<float>(name, parameter.Shape.Axes);
        HashSet<string> known = [ImageMean, ImageFactor, .. ArraysOf(network).Select(array => array.Name)];
        if (file.Arrays.FirstOrDefault(array => !known.Contains(array.Name)) is { } other)
            throw new DropoutLabException($"{path} holds '{other.Name}', which {network.Name} does not have: it is of another network of that name");
    }

    private static void RequireNames(Network network)
    {
        HashSet<string> taken = [ImageMean, ImageFactor, SafetensorsHeader.MetadataName];
        if (ArraysOf(network).FirstOrDefault(array => !taken.Add(array.Name)) is (string name, _))
            throw new DropoutLabException(
                $"{network.Name} cannot be saved: {name} is what a checkpoint calls something else; give its layer another name");
    }

    private static IEnumerable<(string Name, Parameter Parameter)> ArraysOf(Network network) =>
    [
        .. network.Parameters.Select(parameter => (parameter.Name, parameter)),
        .. network.Parameters.Where(parameter => parameter.IsTrained).Select(parameter => (MomentumName(parameter), parameter)),
    ];

    private static void ReadValues(SafetensorsFile file, ParameterStore parameters)
    {
        foreach (Parameter parameter in parameters.Parameters)
            parameters.Write(parameter.Name, ParameterArray.Value, file.Values<float>(parameter.Name, parameter.Shape.Axes));
    }

    private static string[]? ClassNamesOf(SafetensorsFile file, Network network)
    {
        string[] names = [.. Enumerable.Range(0, network.ClassCount).Select(label => file.Metadata.GetValueOrDefault(ClassKey(label))).OfType<string>()];
        return names.Length == network.ClassCount ? names : null;
    }

    private static bool HoldsImages(SafetensorsFile file) => file.Arrays.Any(array => array.Name == ImageMean);

    private static string ClassKey(int label) => string.Create(CultureInfo.InvariantCulture, $"class/{label}");

    private static string MomentumName(Parameter parameter) => $"momentum/{parameter.Name}";

    private static void Expect(string path, SafetensorsFile file, string key, string expected)
    {
        string? actual = file.Metadata.GetValueOrDefault(key);
        if (actual != expected)
            throw new DropoutLabException($"{path} is a checkpoint of the {key} {actual ?? "unknown"}, not of {expected}");
    }
}
