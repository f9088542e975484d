using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using DropoutLab.Backends;
using DropoutLab.Collectives;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Recipes;
using DropoutLab.Storage;
using DropoutLab.Training;

namespace DropoutLab.Runs;

/// <summary>A run's config.json: everything that its result depends on, and what it ran on.</summary>
public sealed record RunConfiguration
{
    /// <summary>The file's name within the run's folder.</summary>
    public const string FileName = "config.json";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new ExactNumberConverter() },
    };

    /// <summary>A configuration with the objective and the optimiser that there were at first.</summary>
    public RunConfiguration()
    {
    }

    /// <summary>Objective and optimiser of the entries that a file has for their numbers, in whatever order.</summary>
    [JsonConstructor]
    private RunConfiguration(
        double momentum, double weightDecay, double? maximumGradientNorm = null, Optimizer? optimizer = null,
        double labelSmoothing = 0, Objective? objective = null)
    {
        Objective = objective is null or CrossEntropy ? new CrossEntropy(labelSmoothing) : objective;
        Optimizer = (optimizer is null or Sgd ? new Sgd(momentum) : optimizer) with
        {
            WeightDecay = weightDecay,
            MaximumGradientNorm = maximumGradientNorm,
        };
    }

    /// <summary>The objectives that a configuration can have.</summary>
    public static IReadOnlyList<Objective> Objectives { get; } =
        [new CrossEntropy(), new MeanSquareError(), new SimCse(), new MaskedTokens()];

    /// <summary>The optimisers that a configuration can have, with the numbers that they begin with.</summary>
    public static IReadOnlyList<Optimizer> Optimizers { get; } = [new Sgd(), new AdamW()];

    /// <exception cref="DropoutLabException">There is no such objective.</exception>
    public static Objective FindObjective(string name) => Objectives.FirstOrDefault(objective => objective.Name == name)
        ?? throw new DropoutLabException(
            $"there is no objective '{name}': choose {string.Join(" or ", Objectives.Select(objective => objective.Name))}",
            SettingName.Objective, name);

    /// <exception cref="DropoutLabException">There is no such optimiser.</exception>
    public static Optimizer FindOptimizer(string name) => Optimizers.FirstOrDefault(optimizer => optimizer.Name == name)
        ?? throw new DropoutLabException(
            $"there is no optimiser '{name}': choose {string.Join(" or ", Optimizers.Select(optimizer => optimizer.Name))}",
            SettingName.Optimizer, name);

    /// <summary>The network, by its recipe's name.</summary>
    public required string Model { get; init; }

    /// <summary>
    /// The data set, by its name in the catalogue, or one's own, <c>folder:DIR</c> of pictures or <c>table:FILE.csv</c>.
    /// </summary>
    public required string Dataset { get; init; }

    /// <summary>The side of the pictures of a folder; null for its usual, and of other data.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ImageSize { get; init; }

    /// <summary>The column of a table that is predicted; null of other data.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Target { get; init; }

    /// <summary>
    /// The part of the training set, in (0, 1), that is evaluated after each epoch in the test set's place, the same in every
    /// run; null where it is the test set.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Validation { get; init; }

    /// <summary>Which of the model's recipes; a file without it is of a time when each had one.</summary>
    public string Recipe { get; init; } = TrainingRecipe.Poster;

    /// <summary>The rule with its drop probabilities.</summary>
    [JsonConverter(typeof(RuleConverter))]
    public required DropoutRule Dropout { get; init; }

    /// <summary>The sites at which the rule drops.</summary>
    [JsonConverter(typeof(SitesConverter))]
    public required SiteSelection DropoutAt { get; init; }

    /// <summary>Which elements share a draw.</summary>
    [JsonConverter(typeof(SharingConverter))]
    public required MaskSharing MaskSharing { get; init; }

    /// <summary>How often the training data are gone through.</summary>
    public required int Epochs { get; init; }

    /// <summary>Data in a minibatch.</summary>
    public required int BatchSize { get; init; }

    /// <summary>η, the largest of the run.</summary>
    public required double LearningRate { get; init; }

    /// <summary>What is minimised; a file that does not name it is of a time when there was one.</summary>
    [JsonConverter(typeof(ObjectiveConverter))]
    public Objective Objective { get; init; } = new CrossEntropy();

    /// <summary>s of <see cref="CrossEntropy"/>; 0 for another.</summary>
    public double LabelSmoothing => (Objective as CrossEntropy)?.LabelSmoothing ?? 0;

    /// <summary>How weights follow their gradients; a file that does not name it is of a time when there was one.</summary>
    [JsonConverter(typeof(OptimizerConverter))]
    public Optimizer Optimizer { get; init; } = new Sgd();

    /// <summary>μ of <see cref="Sgd"/>; 0 for another.</summary>
    public double Momentum => (Optimizer as Sgd)?.Momentum ?? 0;

    /// <summary>λ.</summary>
    public double WeightDecay => Optimizer.WeightDecay;

    /// <summary>See <see cref="Optimizer.MaximumGradientNorm"/>.</summary>
    public double? MaximumGradientNorm => Optimizer.MaximumGradientNorm;

    /// <summary>What batch normalisation is over where several processes train; global where a file does not say.</summary>
    [JsonConverter(typeof(BatchStatisticsConverter))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public BatchStatistics BatchStatistics { get; init; }

    /// <summary>What is drawn anew for an image; a file without it is of a time when there was none.</summary>
    [JsonConverter(typeof(AugmentationConverter))]
    public Augmentation Augmentation { get; init; } = Augmentation.None;

    /// <summary>What initial weights, the order of the data, masks and augmentation derive from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>What was computed in, auto resolved.</summary>
    [JsonConverter(typeof(PrecisionConverter))]
    public required Precision Precision { get; init; }

    /// <summary>onednn or reference, auto resolved.</summary>
    public required string Backend { get; init; }

    /// <summary>How many threads computed; results depend on it by rounding.</summary>
    public required int Threads { get; init; }

    /// <summary>What a run on sentences has besides; null of a run on images.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SentenceSettings? Sentences { get; init; }

    /// <summary>The file whose weights it begins with; null where the seed draws them all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WeightFile? From { get; init; }

    /// <summary>What was trained and evaluated on; null in a file of a time when that was not written down.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DataDigests? Data { get; init; }

    /// <summary>
    /// Tells the run's checkpoint and metrics from another's: <see cref="Digest"/> of when it was begun; null in a file of a time
    /// when runs had none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RunId { get; init; }

    /// <summary>Versions and processor, for the reader; a run may go on where these differ.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>The training options that these settings mean.</summary>
    public TrainingOptions ToOptions() => ToRecipe().Options with
    {
        Dropout = ToDropout(),
        Epochs = Epochs,
        BatchSize = BatchSize,
        LearningRate = LearningRate,
        Optimizer = Optimizer,
        BatchStatistics = BatchStatistics,
        Seed = Seed,
        Precision = Precision,
    };

    /// <summary>The trainer that a run with these settings has.</summary>
    /// <param name="data">The data set that it names.</param>
    /// <param name="backend">The backend that it names; it stays the caller's.</param>
    public Trainer CreateTrainer(ImageDataset data, Backend backend) =>
        CreateTrainer(RunData.Of(this, data).Training, backend);

    /// <summary>The same of data as the trainer takes them, by several processes where there are such.</summary>
    /// <param name="data">What the settings name.</param>
    /// <param name="backend">The backend that they name; it stays the caller's.</param>
    /// <param name="collective">The processes; null for this one alone.</param>
    public Trainer CreateTrainer(TrainingData data, Backend backend, ICollective? collective = null) => new(
        ModelRecipe.Find(Model).Create(data.Train.Inputs[0].Datum, Math.Max(1, data.ClassNames.Count)), Objective, data,
        ToOptions(), backend, collective);

    /// <summary>Gives all processes of a training the configuration of the first.</summary>
    /// <param name="own">That of process 0; null in the others.</param>
    /// <param name="collective">The processes, which all call this.</param>
    public static RunConfiguration Share(RunConfiguration? own, ICollective collective)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(own, Json);
        int[] length = [text.Length];
        collective.Broadcast(MemoryMarshal.AsBytes(length.AsSpan()));
        Array.Resize(ref text, length[0]);
        collective.Broadcast(text);
        return JsonSerializer.Deserialize<RunConfiguration>(text, Json)!;
    }

    /// <summary>Rule, sites and sharing.</summary>
    public DropoutSettings ToDropout() => new(Dropout, DropoutAt, MaskSharing);

    /// <summary>
    /// Builds the networks of an epoch, without data: so that sites, and what shares draws at them, are known to fit.
    /// </summary>
    /// <exception cref="DropoutLabException">A site is not the model's, or the sharing does not fit one.</exception>
    public void CheckDropout()
    {
        DatasetDescription data = DescribeData();
        Trainer.CheckDropout(CreateNetwork(data), data.TrainCount, ToOptions());
    }

    /// <summary>
    /// What the dropout comes to at each site, as a text: equal where all masks are, however rule, sites and sharing are written;
    /// empty where nothing is ever dropped.
    /// </summary>
    /// <exception cref="DropoutLabException">Sites or sharing are not the model's.</exception>
    internal string ResolvedDropout()
    {
        DropoutSettings dropout = ToDropout();
        if (dropout.IsPlain)
            return "";
        Network network = CreateNetwork();
        IReadOnlyDictionary<string, DropoutRule> rules = dropout.RulesAt(network.Sites, network.Name);
        return string.Join("; ", network.Build(BatchSize, DropoutSettings.None).WeightLayers
            .Where(layer => rules.TryGetValue(layer.Name, out DropoutRule? rule) && !rule.IsPlain)
            .Select(layer =>
                $"{layer.Name} {rules[layer.Name].WithFewestMasks()} {dropout.Sharing.SharedAxes(layer.Input.Shape.Axes)}"));
    }

    /// <summary>What is known of the data without reading them; of a table, that takes its file.</summary>
    /// <exception cref="DropoutLabException">There are no such data, or options are for others.</exception>
    public DatasetDescription DescribeData() => DataChoice.Describe().Without(Validation, Dataset);

    /// <summary>The network, without data; of a table, its file is read for what the columns are.</summary>
    /// <exception cref="DropoutLabException">There are no such data, or the network is not for such.</exception>
    public Network CreateNetwork() => CreateNetwork(DescribeData());

    internal Network CreateNetwork(DatasetDescription data) => ModelRecipe.Find(Model).CreateFor(data);

    /// <summary>Which data.</summary>
    internal DataChoice DataChoice => new(Dataset, ImageSize, Target, IsClass: Objective is not MeanSquareError);

    internal TrainingRecipe ToRecipe() => ModelRecipe.Find(Model).Recipe(Recipe);

    /// <summary>Writes config.json into a folder.</summary>
    /// <exception cref="DropoutLabException">
    /// The folder cannot be written, or objective or optimiser have numbers or names that the file has no entries for.
    /// </exception>
    public void Write(string folder)
    {
        string text = JsonSerializer.Serialize(this, Json);
        RunConfiguration read = JsonSerializer.Deserialize<RunConfiguration>(text, Json)!;
        if ((read.Objective, read.Optimizer) != (Objective, Optimizer))
            throw new DropoutLabException(
                $"{FileName} would say {read.Objective}, {read.Optimizer} for {Objective}, {Optimizer}: use these");
        AtomicFile.WriteText(Path.Combine(folder, FileName), text + "\n");
    }

    /// <summary>Reads a folder's config.json.</summary>
    /// <exception cref="DropoutLabException">There is none, or it is not one that this program writes.</exception>
    public static RunConfiguration Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new DropoutLabException($"{folder} is no run's folder: {FolderContents.Instead(folder, FileName)}");
        try
        {
            return JsonSerializer.Deserialize<RunConfiguration>(File.ReadAllText(path), Json)
                ?? throw new DropoutLabException($"{path} is empty; a run's configuration is needed");
        }
        catch (JsonException exception)
        {
            throw new DropoutLabException(
                $"{path} is not a run's configuration: {exception.Message.ReplaceLineEndings(" ")}", exception);
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    /// <summary>The first half of the SHA-256 of all settings, in hexadecimal digits: equal runs have equal digests.</summary>
    internal string Digest()
    {
        RunConfiguration settings = this with { RunId = null, Environment = new Dictionary<string, string>() };
        byte[] hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(settings, Json));
        return Convert.ToHexStringLower(hash.AsSpan(0, hash.Length / 2));
    }

    /// <summary>
    /// The first setting in which two configurations differ, as a name and both values; null where they agree. Environment, data
    /// and whose the files are are no settings; dropout is compared by what it comes to at each site.
    /// </summary>
    public (string Name, string Mine, string Theirs)? FirstDifference(RunConfiguration other)
    {
        // Files may move: digests tell what is in them.
        if (Sentences is { } own && other.Sentences is { } theirSentences)
            other = other with { Sentences = theirSentences with { File = own.File, Sts = own.Sts } };
        if (From is { } begun && other.From?.Digest == begun.Digest)
            other = other with { From = begun };
        if (DropsLike(other))
            other = other with { Dropout = Dropout, DropoutAt = DropoutAt, MaskSharing = MaskSharing };
        using JsonDocument mine = JsonSerializer.SerializeToDocument(this, Json),
            theirs = JsonSerializer.SerializeToDocument(other, Json);
        foreach (string name in NamesOf(mine).Union(NamesOf(theirs)).Except(["environment", "data", "run_id"]))
        {
            (string value, string otherValue) = (ValueOf(mine, name), ValueOf(theirs, name));
            if (value != otherValue)
                return (name, value, otherValue);
        }

        return null;

        static IEnumerable<string> NamesOf(JsonDocument settings) =>
            settings.RootElement.EnumerateObject().Select(property => property.Name);
        static string ValueOf(JsonDocument settings, string name) =>
            settings.RootElement.TryGetProperty(name, out JsonElement value) ? value.ToString() : "none";
    }

    private bool DropsLike(RunConfiguration other)
    {
        if (ToDropout() == other.ToDropout())
            return true;
        try
        {
            return (Model, Dataset, BatchSize) == (other.Model, other.Dataset, other.BatchSize)
                && ResolvedDropout() == other.ResolvedDropout();
        }
        catch (DropoutLabException)
        {
            return false; // What means nothing is like nothing that is written otherwise.
        }
    }
}
