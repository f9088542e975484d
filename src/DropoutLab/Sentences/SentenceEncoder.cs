using System.Numerics.Tensors;
using DropoutLab.Backends;
using DropoutLab.Data.Text;
using DropoutLab.Dropout;
using DropoutLab.Exchange;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Runs;
using DropoutLab.Training;
using Microsoft.Extensions.AI;

namespace DropoutLab.Sentences;

/// <summary>
/// A trained BERT encoder, to embed sentences with: a pretrained folder, or a run's. As an <see cref="IEmbeddingGenerator"/> it
/// goes wherever .NET programs expect one.
/// </summary>
/// <remarks>
/// Threads may share an encoder. It and its backend do one thing at a time: who wants several side by side takes both for each.
/// </remarks>
public sealed class SentenceEncoder : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>The most tokens of a sentence unless one says otherwise.</summary>
    public const int UsualTokens = 128;

    private const int Batch = 64;

    private readonly Network network;
    private readonly ParameterStore parameters;
    private readonly Evaluator evaluator;
    private readonly int maxTokens;

    private SentenceEncoder(
        string name, EncoderShape shape, Vocabulary vocabulary, Pooling pooling, int maxTokens, Backend backend,
        Action<ParameterStore> load)
    {
        (Name, Shape, Vocabulary, Pooling) = (name, shape, vocabulary, pooling);
        this.maxTokens = Math.Min(maxTokens, shape.MaxPositions);
        network = Bert.Sentences(name, shape, this.maxTokens, pooling);
        parameters = new ParameterStore(network.Parameters, Precision.Float32);
        try
        {
            load(parameters);
            evaluator = new Evaluator(network, objective: null, DropoutSettings.None, backend, parameters, Batch);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    /// <summary>The folder that it was opened from.</summary>
    public string Name { get; }

    /// <summary>The encoder's sizes; an embedding has <see cref="EncoderShape.HiddenSize"/> numbers.</summary>
    public EncoderShape Shape { get; }

    /// <summary>What cuts sentences into tokens.</summary>
    public Vocabulary Vocabulary { get; }

    /// <summary>What stands for a sentence.</summary>
    public Pooling Pooling { get; }

    /// <summary>
    /// Opens a folder in Hugging Face's layout, or that of a run on sentences: its best weights by the scored pairs where it had
    /// such, else its last.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="backend">What computes; it stays the caller's.</param>
    /// <param name="pooling">What stands for a sentence; null for the run's, or the mean of a pretrained folder's.</param>
    /// <param name="maxTokens">What is longer is cut.</param>
    /// <exception cref="DropoutLabException">There is no such encoder, or a file of it is damaged.</exception>
    public static SentenceEncoder Open(string folder, Backend backend, Pooling? pooling = null, int maxTokens = UsualTokens)
    {
        if (!File.Exists(Checkpoint.PathIn(folder)))
        {
            BertFolder pretrained = new(folder);
            return new SentenceEncoder(
                folder, pretrained.Shape, pretrained.Vocabulary, pooling ?? Pooling.Mean, maxTokens, backend, pretrained.Load);
        }

        RunConfiguration run = RunConfiguration.Read(folder);
        SentenceSettings settings = run.Sentences
            ?? throw new DropoutLabException($"{folder} is a run on images: an encoder of sentences is needed");
        string best = Path.Combine(folder, Checkpoint.BestName);
        return new SentenceEncoder(
            folder, settings.Encoder, Vocabulary.Read(Path.Combine(folder, Vocabulary.FileName)), pooling ?? settings.Pooling,
            maxTokens, backend,
            store => SentenceTraining.LoadEncoder(File.Exists(best) ? best : Checkpoint.PathIn(folder), store));
    }

    /// <summary>The embeddings of sentences, in their order: <see cref="EncoderShape.HiddenSize"/> numbers each.</summary>
    /// <param name="sentences">Any texts.</param>
    /// <param name="normalised">Whether they have length 1.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public IReadOnlyList<float[]> Embed(
        IReadOnlyList<string> sentences, bool normalised = false, CancellationToken cancellation = default)
    {
        List<float[]> embeddings = [];
        if (sentences.Count == 0)
            return embeddings;
        evaluator.Evaluate(
            new SentenceBatches("the sentences", sentences, Vocabulary, maxTokens), cancellation,
            (_, plan) =>
            {
                foreach (double[] row in plan.Output().Chunk(Shape.HiddenSize))
                    embeddings.Add(Of(row, normalised));
            });
        return embeddings;
    }

    /// <summary>Spearman's correlation of cosines with scores, alignment and uniformity, over scored pairs.</summary>
    /// <param name="pairs">The pairs.</param>
    /// <param name="cancellation">Stops between two batches.</param>
    public StsMetrics Evaluate(IReadOnlyList<StsPair> pairs, CancellationToken cancellation = default) => StsMetrics.Of(
        pairs,
        Embed(StsFile.Sentences(pairs), cancellation: cancellation).SelectMany(row => row.Select(number => (double)number))
            .ToArray());

    /// <summary>Writes it in Hugging Face's layout, for other programs.</summary>
    /// <param name="folder">Made where there is none.</param>
    /// <exception cref="DropoutLabException">The folder holds a model already, or cannot be written.</exception>
    public void Write(string folder) => BertFolder.Write(folder, Shape, Vocabulary, parameters);

    /// <summary>
    /// Writes it as ONNX: input_ids, attention_mask and token_type_ids to last_hidden_state and sentence_embedding.
    /// </summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="DropoutLabException">There are more than 2 GB of weights, or the file cannot be written.</exception>
    public void WriteOnnx(string path) => OnnxExport.WriteEncoder(path, network, parameters);

    /// <inheritdoc/>
    Task<GeneratedEmbeddings<Embedding<float>>> IEmbeddingGenerator<string, Embedding<float>>.GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options, CancellationToken cancellationToken) => Task.Run(
        () => new GeneratedEmbeddings<Embedding<float>>(
            Embed([.. values], cancellation: cancellationToken).Select(row => new Embedding<float>(row))),
        cancellationToken);

    /// <inheritdoc/>
    object? IEmbeddingGenerator.GetService(Type serviceType, object? serviceKey)
    {
        if (serviceKey is not null)
            return null;
        return serviceType == typeof(EmbeddingGeneratorMetadata)
            ? new EmbeddingGeneratorMetadata("DropoutLab", defaultModelId: Name, defaultModelDimensions: Shape.HiddenSize)
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        evaluator.Dispose();
        parameters.Dispose();
    }

    private static float[] Of(double[] row, bool normalised)
    {
        float[] numbers = new float[row.Length];
        TensorPrimitives.ConvertTruncating<double, float>(row, numbers);
        if (normalised)
            TensorPrimitives.Divide(numbers, TensorPrimitives.Norm<float>(numbers), numbers);
        return numbers;
    }
}
