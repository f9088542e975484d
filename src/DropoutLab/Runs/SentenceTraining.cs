using System.Text.Json.Serialization;
using DropoutLab.Backends;
using DropoutLab.Data;
using DropoutLab.Data.Text;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Optimization;
using DropoutLab.Storage;
using DropoutLab.Training;

namespace DropoutLab.Runs;

/// <summary>What a run on sentences has besides the settings of every run.</summary>
/// <param name="File">The file of sentences, where the run found it.</param>
/// <param name="Sts">The file of scored pairs that periods are evaluated on; null without.</param>
/// <param name="Encoder">The encoder's sizes.</param>
/// <param name="Pooling">What stands for a sentence.</param>
/// <param name="Temperature">τ of <see cref="SimCse"/>.</param>
/// <param name="MaxTokens">L; what is longer is cut.</param>
/// <param name="Steps">Those of the whole run, whole periods.</param>
/// <param name="EvaluateEvery">The steps of a period, after each of which there is a line of metrics and a checkpoint.</param>
public sealed record SentenceSettings(
    string File, string? Sts, EncoderShape Encoder, [property: JsonConverter(typeof(PoolingConverter))] Pooling Pooling,
    double Temperature, int MaxTokens, int Steps, int EvaluateEvery)
{
    private const string First = "cls", Mean = "mean";

    /// <summary>Reads what <see cref="NameOf"/> writes.</summary>
    /// <exception cref="DropoutLabException">The text is neither.</exception>
    public static Pooling PoolingOf(string name) => name switch
    {
        First => Pooling.First,
        Mean => Pooling.Mean,
        _ => throw new DropoutLabException($"there is no pooling '{name}': choose {First}, the first token, or {Mean}, over all"),
    };

    /// <summary>cls or mean.</summary>
    public static string NameOf(Pooling pooling) => pooling == Pooling.First ? First : Mean;

    /// <summary>The network that gives a sentence's embedding, whatever is trained.</summary>
    /// <param name="maxTokens">L.</param>
    public Network Embedding(int maxTokens) => Bert.Sentences("encoder", Encoder, maxTokens, Pooling);

    /// <summary>The network that is trained.</summary>
    /// <param name="objective"><see cref="SimCse"/> or <see cref="MaskedTokens"/>.</param>
    public Network Trained(Objective objective) => objective is MaskedTokens
        ? Bert.MaskedTokens("encoder", Encoder, MaxTokens, TokenMask.CountOf(MaxTokens))
        : Embedding(MaxTokens);

    /// <summary>Sentences as it is trained on them: in two views, or with tokens masked.</summary>
    /// <param name="sentences">The sentences.</param>
    /// <param name="vocabulary">What cuts them into tokens.</param>
    /// <param name="objective"><see cref="SimCse"/> or <see cref="MaskedTokens"/>.</param>
    public SentenceBatches Batches(IReadOnlyList<string> sentences, Vocabulary vocabulary, Objective objective) => new(
        File, sentences, vocabulary, MaxTokens, views: objective is SimCse ? 2 : 1, masksTokens: objective is MaskedTokens);
}

/// <summary>
/// A training of sentences by a run's configuration: its data, and its trainer, whose epochs are periods of steps. Where there
/// are scored pairs, each period ends with the correlation of the embeddings' similarities with their scores.
/// </summary>
public sealed class SentenceTraining : IDisposable
{
    /// <summary>The metric that the best weights are chosen by: Spearman's correlation over the scored pairs.</summary>
    public const string SpearmanName = "sts_spearman";

    private const int MostHeldOut = 1000, PartHeldOut = 50, PairBatch = 64, PairTokens = 128;

    private readonly SentenceFile file;
    private readonly IReadOnlyList<StsPair> pairs;
    private readonly Evaluator? embedder;
    private readonly SentenceBatches? pairBatches;

    /// <param name="configuration">Of a run on sentences.</param>
    /// <param name="sentences">A file of sentences; the training's from now on.</param>
    /// <param name="vocabulary">What cuts them into tokens.</param>
    /// <param name="initial">Sets weights that the encoder begins with; null for those that the seed draws.</param>
    /// <param name="backend">What computes; it stays the caller's.</param>
    /// <exception cref="DropoutLabException">A file is damaged, or the settings do not fit together.</exception>
    public SentenceTraining(
        RunConfiguration configuration, SentenceFile sentences, Vocabulary vocabulary, Action<ParameterStore>? initial,
        Backend backend)
    {
        SentenceSettings settings = configuration.Sentences
            ?? throw new ArgumentException("no run on sentences", nameof(configuration));
        if (vocabulary.Count > settings.Encoder.VocabularySize)
            throw new DropoutLabException(
                $"the vocabulary has {vocabulary.Count} tokens, the encoder {settings.Encoder.VocabularySize} embeddings: use "
                    + "its own");
        file = sentences;
        pairs = settings.Sts is null ? [] : StsFile.Read(settings.Sts);
        try
        {
            Vocabulary = vocabulary;
            Trainer = new Trainer(
                settings.Trained(configuration.Objective), ObjectiveOf(configuration), DataOf(configuration, file, vocabulary),
                OptionsOf(configuration),
                backend)
            { FurtherMetrics = Scores };
            initial?.Invoke(Trainer.Parameters);
            if (pairs.Count == 0)
                return;
            int tokens = Math.Min(Math.Max(settings.MaxTokens, PairTokens), settings.Encoder.MaxPositions);
            embedder = new Evaluator(
                settings.Embedding(tokens), objective: null, DropoutSettings.None, backend, Trainer.Parameters, PairBatch);
            pairBatches = new SentenceBatches("the scored pairs", StsFile.Sentences(pairs), vocabulary, tokens);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What trains.</summary>
    public Trainer Trainer { get; }

    /// <summary>What cuts sentences into tokens.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>Sets the encoder's weights to those of a run's checkpoint; a head's stay as they are.</summary>
    /// <param name="path">The checkpoint.</param>
    /// <param name="parameters">Of a network over the same encoder.</param>
    /// <exception cref="DropoutLabException">The file is damaged, or of another encoder.</exception>
    public static void LoadEncoder(string path, ParameterStore parameters)
    {
        Dictionary<string, NamedArray> arrays = SafetensorsFile.Read(path).Arrays.ToDictionary(array => array.Name);
        foreach (Parameter parameter in parameters.Parameters.Where(parameter => Bert.IsOfEncoder(parameter.Name)))
        {
            if (!arrays.TryGetValue(parameter.Name, out NamedArray? array) || !array.Shape.SequenceEqual(parameter.Shape.Axes))
                throw new DropoutLabException($"{path} has no {parameter.Name} of the shape {parameter.Shape}");
            parameters.Write(parameter.Name, ParameterArray.Value, array.Values<float>());
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        embedder?.Dispose();
        Trainer?.Dispose();
        file.Dispose();
    }

    private Dictionary<string, double> Scores(CancellationToken cancellation)
    {
        if (embedder is null || pairBatches is null)
            return [];
        List<double> embeddings = [];
        embedder.Evaluate(pairBatches, cancellation, (_, plan) => embeddings.AddRange(plan.Output()));
        StsMetrics metrics = StsMetrics.Of(pairs, embeddings.ToArray());
        Dictionary<string, double> scores = new() { [SpearmanName] = metrics.Spearman };
        if (metrics.Alignment is { } alignment)
            scores.Add("alignment", alignment);
        scores.Add("uniformity", metrics.Uniformity);
        return scores;
    }

    private static Objective ObjectiveOf(RunConfiguration configuration) =>
        configuration.Objective is SimCse ? new SimCse(configuration.Sentences!.Temperature) : configuration.Objective;

    /// <summary>The last sentences, a fiftieth of them and a thousand at most, are not trained on but evaluated.</summary>
    private static TrainingData DataOf(RunConfiguration configuration, SentenceFile file, Vocabulary vocabulary)
    {
        SentenceSettings settings = configuration.Sentences!;
        int heldOut = Math.Min(MostHeldOut, file.Count / PartHeldOut);
        SentenceBatches Batches(IReadOnlyList<string> sentences) =>
            settings.Batches(sentences, vocabulary, configuration.Objective);
        SentenceBatches train = Batches(new Stretch(file, 0, file.Count - heldOut));
        SentenceBatches test = heldOut == 0 ? train : Batches(new Stretch(file, file.Count - heldOut, heldOut));
        return new TrainingData(
            configuration.Dataset, new PeriodBatches(train, checked(settings.EvaluateEvery * configuration.BatchSize)), test)
        { Location = file.Path };
    }

    private static TrainingOptions OptionsOf(RunConfiguration configuration) => new()
    {
        Dropout = configuration.ToDropout(),
        Epochs = configuration.Epochs,
        BatchSize = configuration.BatchSize,
        LearningRate = configuration.LearningRate,
        Optimizer = configuration.Optimizer,
        Schedule = new OneCycle(WarmUp: 0, StartDivisor: 1),
        Seed = configuration.Seed,
        Precision = configuration.Precision,
    };

    private sealed class Stretch(IReadOnlyList<string> all, int begin, int count) : IReadOnlyList<string>
    {
        public int Count => count;

        public string this[int index] => all[begin + index];

        public IEnumerator<string> GetEnumerator() => Enumerable.Range(begin, count).Select(index => all[index]).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
