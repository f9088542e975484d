using System.Globalization;
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Optimization;
using DropoutLab.Storage;
using DropoutLab.Training;

namespace DropoutLab.Runs;

/// <summary>
/// The state between two epochs, as a safetensors file: every parameter under its name, what the optimiser keeps for it under
/// STATE/NAME, what makes inputs of raw data under the names of <see cref="BatchSource.Preparation"/>; in the metadata the number
/// of epochs, the names of network, data set, classes, states and preparation, the data's digests, and whose it is where it is
/// that of a run in a folder. Nothing else is needed to go on, for order, masks and rates are functions of the step.
/// </summary>
public static class Checkpoint
{
    /// <summary>The file's name within the run's folder.</summary>
    public const string FileName = "checkpoint.safetensors";

    /// <summary>The weights of the period that was best by the scored pairs, of a run that has such.</summary>
    public const string BestName = "best.safetensors";

    private const string Format = "dropoutlab-checkpoint-1";
    private const string StateKey = "state";
    private const string PreparationKey = "preparation";
    private const string TrainDigest = "digest/train";
    private const string TestDigest = "digest/test";
    private const string RunId = "run_id";

    /// <summary>Where a run's folder has it.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    /// <summary>
    /// Writes a trainer's state, whole or not at all: parameters, the optimiser's state and running averages in 32 bits.
    /// </summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <param name="trainer">Between two epochs, of any network.</param>
    /// <exception cref="DropoutLabException">
    /// The file cannot be written, the trainer computes in 64 bits, or a parameter has a name that checkpoints have for something
    /// else.
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
    /// Puts a checkpoint's state into a trainer, which then goes on as the one that was written would have, if its options,
    /// backend and number of threads are the same. Where it throws, the trainer is as it was.
    /// </summary>
    /// <exception cref="DropoutLabException">
    /// The file is damaged, or of another network, optimiser or data set, or of other data or an order of them under its name:
    /// for such <see cref="RestoreParameters"/>.
    /// </exception>
    public static void Restore(string path, Trainer trainer)
    {
        SafetensorsFile file = Read(path, trainer.Network);
        Expect(path, file, "dataset", trainer.Data.Name);
        if (!int.TryParse(file.Metadata.GetValueOrDefault("epoch"), NumberStyles.None, CultureInfo.InvariantCulture,
            out int epoch))
            throw new DropoutLabException($"{path} does not say after which epoch it was written");
        RequireSameData(path, file, trainer.Data);
        RequireSamePreparation(path, file, trainer.Data);
        Optimizer optimizer = trainer.Options.Optimizer;
        if (!StatesOf(file).SequenceEqual(optimizer.State))
        {
            throw new DropoutLabException(
                $"{path} holds {string.Join(", ", StatesOf(file))} of an optimiser, {optimizer.Name} keeps "
                    + $"{string.Join(", ", optimizer.State)}");
        }

        trainer.BetweenEpochs(() =>
        {
            ReadValues(file, trainer.Parameters);
            foreach ((string name, Parameter parameter, ParameterArray array) in StatesOf(trainer.Network, optimizer.State))
                trainer.Parameters.Write(parameter.Name, array, file.Values<float>(name, parameter.Shape.Axes));
            trainer.ContinueAfter(epoch);
        });
    }

    /// <summary>
    /// Takes over the values of a checkpoint's parameters and running averages alone, to train them further: on other data, by
    /// other options. The optimiser's state and the number of epochs stay the trainer's, and so does what makes inputs of its
    /// data.
    /// </summary>
    /// <exception cref="DropoutLabException">
    /// The file is damaged or of another network. The trainer is then as it was.
    /// </exception>
    public static void RestoreParameters(string path, Trainer trainer)
    {
        SafetensorsFile file = Read(path, trainer.Network);
        trainer.BetweenEpochs(() => ReadValues(file, trainer.Parameters));
    }

    /// <summary>
    /// Reads what predicting takes: the parameters, what makes inputs of raw data, and what the classes are called.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="network">Whose it is.</param>
    /// <param name="data">The data set that it is of; null for what the file says.</param>
    /// <param name="parameters">Take the file's values.</param>
    /// <exception cref="DropoutLabException">
    /// The file is damaged, of another network or data set, or does not hold what it takes.
    /// </exception>
    internal static Preparation ReadNetwork(string path, Network network, DatasetSource? data, ParameterStore parameters)
    {
        SafetensorsFile file = Read(path, network);
        if (data is not null)
            Expect(path, file, "dataset", data.Name);
        if (!PreparationOf(file).All(name => Find(file, name) is not null))
        {
            throw new DropoutLabException(
                $"{path} does not hold its images' normalisation and its classes' names, for a version before 0.2.0 wrote it: "
                    + "train it anew");
        }

        ReadValues(file, parameters);
        return new Preparation(
            data?.ClassNames ?? ClassNamesOf(file.Metadata), name => Find(file, name)?.Values<float>().ToArray(),
            file.Metadata.GetValueOrDefault);
    }

    /// <summary>What a datum was and what the classes are called, as a checkpoint says it itself.</summary>
    /// <exception cref="DropoutLabException">The file is damaged, or does not say it.</exception>
    internal static DatasetDescription DescribeData(string path)
    {
        IReadOnlyDictionary<string, string> metadata = SafetensorsFile.ReadMetadata(path);
        string? first = Names(metadata, PreparationKey, "").FirstOrDefault();
        SafetensorsEntry entry = SafetensorsFile.ReadEntries(path).FirstOrDefault(entry => entry.Name == first)
            ?? throw new DropoutLabException($"{path} does not say what it was trained on: train it anew");
        return new DatasetDescription(new Shape(entry.Shape), ClassNamesOf(metadata), TrainCount: 1, MirrorsKeepClass: false);
    }

    /// <summary>
    /// What a checkpoint says of its data: names of classes, by label, and arrays and texts by name, null where there is none.
    /// </summary>
    internal sealed record Preparation(
        IReadOnlyList<string> ClassNames, Func<string, float[]?> ArrayOf, Func<string, string?> TextOf);

    /// <summary>Says before the first step what would keep a trainer's checkpoint from being written or read again.</summary>
    /// <exception cref="DropoutLabException">
    /// The trainer computes in 64 bits, or names of the network's arrays or of the classes are such as no checkpoint can hold.
    /// </exception>
    internal static void RequireHoldable(Trainer trainer)
    {
        if (trainer.Precision == Precision.Float64)
            throw new DropoutLabException(
                "a checkpoint holds 32 bits a number: a training in 64 would not go on where it stopped");
        RequireNames(trainer);
        IEnumerable<SafetensorsEntry> entries = ArraysOf(trainer.Network, trainer.Options.Optimizer.State).Select(array =>
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
                SafetensorsFile.ReadMetadata(path).GetValueOrDefault("epoch"), NumberStyles.None, CultureInfo.InvariantCulture,
                out int epoch) ? epoch : 0;
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
        ILookup<Parameter, (string Name, ParameterArray Array)> states = StatesOf(
            trainer.Network, trainer.Options.Optimizer.State)
            .ToLookup(state => state.Parameter, state => (state.Name, state.Array));
        List<NamedArray> arrays =
            [.. trainer.Data.Train.Preparation.Select(
                array => NamedArray.Create(array.Name, array.Shape.Axes, array.Values.Span))];
        foreach (Parameter parameter in trainer.Parameters.Parameters)
        {
            foreach ((string name, ParameterArray array) in states[parameter].Prepend((parameter.Name, ParameterArray.Value)))
                arrays.Add(
                    NamedArray.Create<float>(name, parameter.Shape.Axes, trainer.Parameters.Span<float>(parameter.Name, array)));
        }

        SafetensorsFile.Write(path, arrays, MetadataOf(trainer, runId));
        GC.KeepAlive(trainer);
    }

    /// <summary>A file of a time when the digests were not written down is taken by its name and the images' means.</summary>
    private static void RequireSameData(string path, SafetensorsFile file, TrainingData data)
    {
        if (data.Digests is { } digests && file.Metadata.GetValueOrDefault(TrainDigest) is { } train
            && file.Metadata.GetValueOrDefault(TestDigest) is { } test)
        {
            new DataDigests(train, test).Require($"{path} was trained", data.NameAndLocation, digests);
        }
    }

    /// <summary>Files of versions before 0.2.0 do not say what images they are of.</summary>
    private static void RequireSamePreparation(string path, SafetensorsFile file, TrainingData data)
    {
        foreach (PreparationArray array in data.Train.Preparation)
        {
            if (Find(file, array.Name) is { } saved && !saved.Values<float>().SequenceEqual(array.Values.Span))
            {
                throw new DropoutLabException(
                    $"{path} was trained on other {data.Train.Unit} than those of {data.Name} that are at hand, or with another "
                    + $"scaling of them: {array.Name} differs");
            }
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
            [StateKey] = string.Join(',', trainer.Options.Optimizer.State),
            [PreparationKey] = string.Join(',', trainer.Data.Train.Preparation.Select(array => array.Name)),
        };
        if (trainer.Data.Digests is { } digests)
        {
            metadata.Add(TrainDigest, digests.Train);
            metadata.Add(TestDigest, digests.Test);
        }

        if (runId is not null)
            metadata.Add(RunId, runId);
        foreach ((string name, string text) in trainer.Data.Train.PreparationTexts)
            metadata.Add(name, text);
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
        (string Name, Parameter Parameter)[] arrays = [.. ArraysOf(network, StatesOf(file))];
        foreach ((string name, Parameter parameter) in arrays)
            file.Values<float>(name, parameter.Shape.Axes);
        HashSet<string> known = [.. PreparationOf(file), .. arrays.Select(array => array.Name)];
        if (file.Arrays.FirstOrDefault(array => !known.Contains(array.Name)) is { } other)
            throw new DropoutLabException(
                $"{path} holds '{other.Name}', which {network.Name} does not have: it is of another network of that name");
    }

    private static void RequireNames(Trainer trainer)
    {
        HashSet<string> taken = [SafetensorsHeader.MetadataName, .. trainer.Data.Train.Preparation.Select(array => array.Name)];
        IEnumerable<string> names = ArraysOf(trainer.Network, trainer.Options.Optimizer.State).Select(array => array.Name);
        if (names.FirstOrDefault(name => !taken.Add(name)) is { } twice)
        {
            throw new DropoutLabException(
                $"{trainer.Network.Name} cannot be saved: {twice} is what a checkpoint calls something else; give its layer "
                    + "another name");
        }
    }

    private static IEnumerable<(string Name, Parameter Parameter)> ArraysOf(Network network, IReadOnlyList<string> states) =>
    [
        .. network.Parameters.Select(parameter => (parameter.Name, parameter)),
        .. StatesOf(network, states).Select(state => (state.Name, state.Parameter)),
    ];

    private static IEnumerable<(string Name, Parameter Parameter, ParameterArray Array)> StatesOf(
        Network network, IReadOnlyList<string> states) =>
        from parameter in network.Parameters
        where parameter.IsTrained
        from state in states
        select ($"{state}/{parameter.Name}", parameter, new ParameterArray(state));

    /// <summary>Versions up to 0.2.0 had one optimiser, and images alone.</summary>
    private static string[] StatesOf(SafetensorsFile file) => Names(file.Metadata, StateKey, "momentum");

    private static string[] PreparationOf(SafetensorsFile file) =>
        Names(file.Metadata, PreparationKey, "images/mean,images/factor");

    private static string[] Names(IReadOnlyDictionary<string, string> metadata, string key, string before) =>
        metadata.GetValueOrDefault(key, before).Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static NamedArray? Find(SafetensorsFile file, string name) => file.Arrays.FirstOrDefault(array => array.Name == name);

    private static void ReadValues(SafetensorsFile file, ParameterStore parameters)
    {
        foreach (Parameter parameter in parameters.Parameters)
            parameters.Write(parameter.Name, ParameterArray.Value, file.Values<float>(parameter.Name, parameter.Shape.Axes));
    }

    private static string[] ClassNamesOf(IReadOnlyDictionary<string, string> metadata) =>
        [.. Enumerable.Range(0, metadata.Count).Select(label => metadata.GetValueOrDefault(ClassKey(label))).OfType<string>()];

    private static string ClassKey(int label) => string.Create(CultureInfo.InvariantCulture, $"class/{label}");

    private static void Expect(string path, SafetensorsFile file, string key, string expected)
    {
        string? actual = file.Metadata.GetValueOrDefault(key);
        if (actual != expected)
            throw new DropoutLabException($"{path} is a checkpoint of the {key} {actual ?? "unknown"}, not of {expected}");
    }
}
