using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Models;

/// <summary>
/// BERT's encoder over sentences of tokens: embeddings, then layers of attention and of two matrices with GELU between, each in a
/// residual branch before a layer norm. Arrays have the names and layouts of the usual hub of models. Dropout may go to BERT's
/// own places (<see cref="OwnSites"/>) and to the inputs of the weight layers, which have the names of their arrays.
/// Source: Devlin, Chang, Lee and Toutanova, "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
/// 2018.
/// </summary>
public static class Bert
{
    /// <summary>The input of token numbers, [L] a sentence; what lies beyond its length is not read.</summary>
    public const string Tokens = "tokens";

    /// <summary>The input of lengths: how many tokens a sentence has, from 1 to L.</summary>
    public const string Lengths = "lengths";

    /// <summary>The input of the places whose tokens are to be told, [M] a sentence; −1 where there are fewer.</summary>
    public const string MaskedPositions = "masked-positions";

    /// <summary>The output of <see cref="Sentences"/>: an embedding [D] a sentence.</summary>
    public const string Embedding = "embedding";

    /// <summary>The output of <see cref="MaskedTokens"/>: logits [M, V] a sentence.</summary>
    public const string Logits = "logits";

    /// <summary>The output of <see cref="HiddenStates"/>: [L, D] a sentence; what lies beyond its length is nothing.</summary>
    public const string Hidden = "hidden";

    private const double InitialDeviation = 0.02;
    private const string EncoderPrefix = "encoder.";

    /// <summary>
    /// Where BERT itself has dropout: behind the embeddings, on the attention's probabilities, and on both residual branches of a
    /// layer.
    /// </summary>
    public static SiteSelection OwnSites { get; } = ["embeddings", "*.probabilities", "*.residual"];

    /// <summary>
    /// Sizes that have names: bert-tiny, bert-mini, bert-small (Turc et al., 2019) and minilm (Wang et al., 2020).
    /// </summary>
    public static IReadOnlyDictionary<string, EncoderShape> Sizes { get; } = new Dictionary<string, EncoderShape>
    {
        ["bert-tiny"] = Size(width: 128, layers: 2, heads: 2),
        ["bert-mini"] = Size(width: 256, layers: 4, heads: 4),
        ["bert-small"] = Size(width: 512, layers: 4, heads: 8),
        ["minilm"] = Size(width: 384, layers: 6, heads: 12),
    };

    /// <summary>
    /// A sentence's embedding. In training a linear layer and tanh stand on top of it, which evaluation leaves out.
    /// </summary>
    /// <param name="name">The name in results and checkpoints.</param>
    /// <param name="shape">The encoder's sizes.</param>
    /// <param name="maxTokens">L, the most tokens that a sentence has.</param>
    /// <param name="pooling">What stands for the sentence.</param>
    public static Network Sentences(string name, EncoderShape shape, int maxTokens, Pooling pooling) =>
        new(name, Inputs(shape, maxTokens), (builder, inputs) =>
        {
            Value pooled = TokenPool(Encode(builder, inputs, shape), inputs[Lengths], pooling);
            return Only(Embedding, builder.IsTraining ? Tanh(Dense(builder, "head.dense", pooled, shape.HiddenSize)) : pooled);
        });

    /// <summary>Tells tokens from the others: BERT's head, whose last matrix is the table of the token embeddings.</summary>
    /// <param name="name">The name in results and checkpoints.</param>
    /// <param name="shape">The encoder's sizes.</param>
    /// <param name="maxTokens">L, the most tokens that a sentence has.</param>
    /// <param name="places">M, the most tokens of a sentence that are told.</param>
    public static Network MaskedTokens(string name, EncoderShape shape, int maxTokens, int places) =>
        new(name, [.. Inputs(shape, maxTokens), new BatchInput(MaskedPositions, new Shape(places), ElementKind.Label)],
            (builder, inputs) =>
        {
            Value words = Table(builder, "word", shape.VocabularySize, shape);
            Value chosen = GatherTokens(Encode(builder, inputs, shape, words), inputs[Lengths], inputs[MaskedPositions]);
            const string Head = "cls.predictions";
            Value h = Norm(
                builder, $"{Head}.transform", Gelu(Dense(builder, $"{Head}.transform.dense", chosen, shape.HiddenSize)), shape);
            Value bias = builder.Parameter(new($"{Head}.bias", new Shape(shape.VocabularySize), 0, DecayFactor: 0));
            return Only(Logits, builder.WeightLayer($"{Head}.decoder", h, views => LinearMap(views, words, bias)));
        });

    /// <summary>The last states of all tokens.</summary>
    /// <param name="name">The name in results and checkpoints.</param>
    /// <param name="shape">The encoder's sizes.</param>
    /// <param name="maxTokens">L, the most tokens that a sentence has.</param>
    public static Network HiddenStates(string name, EncoderShape shape, int maxTokens) =>
        new(name, Inputs(shape, maxTokens), (builder, inputs) => Only(Hidden, Encode(builder, inputs, shape)));

    /// <summary>Whether an array is the encoder's, not that of a head.</summary>
    /// <param name="parameter">Its name.</param>
    public static bool IsOfEncoder(string parameter) =>
        parameter.StartsWith("embeddings.", StringComparison.Ordinal)
        || parameter.StartsWith(EncoderPrefix, StringComparison.Ordinal);

    private static EncoderShape Size(int width, int layers, int heads) =>
        new(width, layers, heads, 4 * width, VocabularySize: 30522);

    private static BatchInput[] Inputs(EncoderShape shape, int maxTokens)
    {
        if (maxTokens < 1 || maxTokens > shape.MaxPositions)
            throw new DropoutLabException(
                $"a sentence has 1 to {shape.MaxPositions} tokens, as many as there are positions, not {maxTokens}");
        return
        [
            new BatchInput(Tokens, new Shape(maxTokens), ElementKind.Label, shape.VocabularySize),
            new BatchInput(Lengths, new Shape(), ElementKind.Label),
        ];
    }

    private static Dictionary<string, Value> Only(string name, Value output) => new() { [name] = output };

    private static Value Encode(
        NetworkBuilder builder, IReadOnlyDictionary<string, Value> inputs, EncoderShape shape, Value? words = null)
    {
        Value h = Operations.Embedding(
            inputs[Tokens], inputs[Lengths], words ?? Table(builder, "word", shape.VocabularySize, shape),
            Table(builder, "position", shape.MaxPositions, shape), Table(builder, "token_type", shape.TypeCount, shape));
        h = builder.WeightLayer("embeddings", Norm(builder, "embeddings", h, shape), views => views);
        for (int layer = 0; layer < shape.LayerCount; layer++)
        {
            string name = $"{EncoderPrefix}layer.{layer}";
            Value branch = Attention(builder, $"{name}.attention", h, inputs[Lengths], shape);
            h = Residual(builder, $"{name}.attention", h, branch, $"{name}.attention.output", shape);
            branch = Gelu(Dense(builder, $"{name}.intermediate.dense", h, shape.IntermediateSize));
            h = Residual(
                builder, name, h, Dense(builder, $"{name}.output.dense", branch, shape.HiddenSize), $"{name}.output", shape);
        }

        return h;
    }

    private static Value Attention(NetworkBuilder builder, string name, Value h, Value lengths, EncoderShape shape)
    {
        Value Projected(string which) => Dense(builder, $"{name}.self.{which}", h, shape.HiddenSize);
        (Value q, Value k, Value v) = (Projected("query"), Projected("key"), Projected("value"));
        Value probabilities = AttentionProbabilities(q, k, lengths, shape.HeadCount);
        Value context = builder.WeightLayer(SiteOf($"{name}.probabilities"), probabilities, views => AttentionContext(views, v));
        return Dense(builder, $"{name}.output.dense", context, shape.HiddenSize);
    }

    /// <summary>The norm of h + branch, the branch through dropout.</summary>
    private static Value Residual(NetworkBuilder builder, string site, Value h, Value branch, string norm, EncoderShape shape) =>
        Norm(builder, norm, builder.WeightLayer(SiteOf($"{site}.residual"), branch, views => Add(views, h)), shape);

    private static Value Dense(NetworkBuilder builder, string name, Value h, int outputs)
    {
        Value weight = builder.Parameter(new($"{name}.weight", new Shape(outputs, h.Shape.Axes[^1]), InitialDeviation));
        Value bias = builder.Parameter(new($"{name}.bias", new Shape(outputs), 0, DecayFactor: 0));
        return builder.WeightLayer(SiteOf(name), h, views => LinearMap(views, weight, bias));
    }

    /// <summary>layer.0 and so on, without the name of the only encoder.</summary>
    private static string SiteOf(string name) =>
        name.StartsWith(EncoderPrefix, StringComparison.Ordinal) ? name[EncoderPrefix.Length..] : name;

    private static Value Norm(NetworkBuilder builder, string name, Value x, EncoderShape shape)
    {
        Shape channels = new(shape.HiddenSize);
        Value scale = builder.Parameter(new($"{name}.LayerNorm.weight", channels, 0, DecayFactor: 0, InitialMean: 1));
        Value shift = builder.Parameter(new($"{name}.LayerNorm.bias", channels, 0, DecayFactor: 0));
        return LayerNorm(x, scale, shift, shape.LayerNormEpsilon);
    }

    private static Value Table(NetworkBuilder builder, string name, int rows, EncoderShape shape) =>
        builder.Parameter(new($"embeddings.{name}_embeddings.weight", new Shape(rows, shape.HiddenSize), InitialDeviation));
}
