using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using DropoutLab.Backends;
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
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new ExactNumberConverter() },
    };

    public required string Model { get; init; }

    public required string Dataset { get; init; }

    /// <summary>Which of the model's recipes; a file without it is of a time when each had one.</summary>
    public string Recipe { get; init; } = TrainingRecipe.Poster;

    public required string Dropout { get; init; }

    public required string DropoutAt { get; init; }

    public required string MaskSharing { get; init; }

    public required int Epochs { get; init; }

    public required int BatchSize { get; init; }

    public required double LearningRate { get; init; }

    /// <summary>The objective's name; a file without it is of a time when there was one.</summary>
    public string Objective { get; init; } = "cross-entropy";

    /// <summary>s of <see cref="CrossEntropy"/>.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>The optimiser's name; a file without it is of a time when there was one.</summary>
    public string Optimizer { get; init; } = "sgd";

    /// <summary>μ of <see cref="Sgd"/>; 0 for another.</summary>
    public required double Momentum { get; init; }

    /// <summary>λ.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>See <see cref="Optimization.Optimizer.MaximumGradientNorm"/>.</summary>
    public double? MaximumGradientNorm { get; init; }

    /// <summary>
    /// As <see cref="DropoutLab.Data.Images.Augmentation"/> writes it; a file without it is of a time when there was none.
    /// </summary>
    public string Augmentation { get; init; } = DropoutLab.Data.Images.Augmentation.None.ToString();

    public required ulong Seed { get; init; }

    /// <summary>f32 or bf16: what was computed in, auto resolved.</summary>
    public required string Precision { get; init; }

    /// <summary>onednn or reference, auto resolved.</summary>
    public required string Backend { get; init; }

    public required int Threads { get; init; }

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

    /// <summary>The training options that these words mean.</summary>
    public TrainingOptions ToOptions() => ToRecipe().Options with
    {
        Dropout = ToDropout(),
        Epochs = Epochs,
        BatchSize = BatchSize,
        LearningRate = LearningRate,
        Optimizer = ToOptimizer(),
        Seed = Seed,
        Precision = Precisions.Parse(Precision),
    };

    /// <summary>The objective that these words mean.</summary>
    /// <exception cref="DropoutLabException">There is no such objective.</exception>
    public Objective ToObjective() => Objective switch
    {
        "cross-entropy" => new CrossEntropy(LabelSmoothing),
        "mean-square-error" => new MeanSquareError(),
        _ => throw new DropoutLabException($"there is no objective '{Objective}': choose cross-entropy or mean-square-error"),
    };

    /// <summary>The optimiser that these words mean.</summary>
    /// <exception cref="DropoutLabException">There is no such optimiser.</exception>
    public Optimizer ToOptimizer() => Optimizer switch
    {
        "sgd" => new Sgd(Momentum, WeightDecay) { MaximumGradientNorm = MaximumGradientNorm },
        "adamw" => new AdamW(WeightDecay) { MaximumGradientNorm = MaximumGradientNorm },
        _ => throw new DropoutLabException($"there is no optimiser '{Optimizer}': choose sgd or adamw"),
    };

    /// <summary>The trainer that a run with these settings has.</summary>
    /// <param name="data">The data set that it names.</param>
    /// <param name="backend">The backend that it names; it stays the caller's.</param>
    public Trainer CreateTrainer(ImageDataset data, Backend backend) => new(
        ModelRecipe.Find(Model).CreateFor(data), ToObjective(),
        data.Batches(ToRecipe().PixelScaling, DropoutLab.Data.Images.Augmentation.Parse(Augmentation)), ToOptions(), backend);

    /// <summary>The dropout that these words mean.</summary>
    public DropoutSettings ToDropout() =>
        new(DropoutRule.Parse(Dropout), DropoutSettings.ParseSites(DropoutAt), DropoutLab.Dropout.MaskSharing.Parse(MaskSharing));

    /// <summary>
    /// Builds the networks of an epoch, without images: so that sites, and what shares draws at them, are known to fit.
    /// </summary>
    /// <exception cref="DropoutLabException">A site is not the model's, or the sharing does not fit one.</exception>
    public void CheckDropout()
    {
        Trainer.CheckDropout(CreateNetwork(), DatasetCatalog.Find(Dataset).TrainCount, ToOptions());
    }

    /// <summary>
    /// What the dropout comes to at each site, as a text: equal where all masks are, however rule, sites and sharing are written;
    /// empty where nothing is ever dropped.
    /// </summary>
    /// <exception cref="DropoutLabException">Rule, sites or sharing are none, or not the model's.</exception>
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

    /// <summary>The network, without images.</summary>
    internal Network CreateNetwork()
    {
        DatasetSource data = DatasetCatalog.Find(Dataset);
        return ModelRecipe.Find(Model).Create(new ImageShape(Height: 32, Width: 32, data.Channels), data.ClassNames.Count);
    }

    private TrainingRecipe ToRecipe() => ModelRecipe.Find(Model).Recipe(Recipe);

    /// <summary>Writes config.json into a folder.</summary>
    public void Write(string folder) =>
        AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");

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
        if (DropsLike(other))
            other = other with { Dropout = Dropout, DropoutAt = DropoutAt, MaskSharing = MaskSharing };
        using JsonDocument mine = JsonSerializer.SerializeToDocument(this, Json),
            theirs = JsonSerializer.SerializeToDocument(other, Json);
        foreach (JsonProperty property in mine.RootElement.EnumerateObject())
        {
            if (property.Name is "environment" or "data" or "run_id")
                continue;
            string value = property.Value.ToString(), otherValue = theirs.RootElement.GetProperty(property.Name).ToString();
            if (value != otherValue)
                return (property.Name, value, otherValue);
        }

        return null;
    }

    private bool DropsLike(RunConfiguration other)
    {
        if ((Dropout, DropoutAt, MaskSharing) == (other.Dropout, other.DropoutAt, other.MaskSharing))
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
