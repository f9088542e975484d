using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpSteps;

/// <summary>MiniLM's encoder (6 × 384, 12 heads) with SimCSE's head and loss: rows i and N + i are sentence i's views.</summary>
internal sealed class SimCseLoss : nn.Module<Tensor, Tensor, Tensor>
{
    public const int Width = 384, Heads = 12, Inner = 1536;
    private const int Layers = 6, Vocabulary = 30522, Positions = 512;
    private const double Temperature = 0.05;

    private readonly Embedding token = Embedding(Vocabulary, Width), position = Embedding(Positions, Width);
    private readonly Embedding type = Embedding(2, Width);
    private readonly LayerNorm norm = LayerNorm(Width, 1e-12);
    private readonly Dropout dropout;
    private readonly ModuleList<EncoderLayer> layers;
    private readonly Linear head = Linear(Width, Width);

    public SimCseLoss(double p)
        : base(nameof(SimCseLoss))
    {
        dropout = Dropout(p);
        layers = new([.. Enumerable.Range(0, Layers).Select(_ => new EncoderLayer(p))]);
        RegisterComponents();
    }

    public override Tensor forward(Tensor tokens, Tensor there)
    {
        var states = dropout.call(norm.call(token.call(tokens) + position.call(arange(tokens.shape[1])) + type.weight![0]));
        foreach (var layer in layers)
        {
            states = layer.call(states, there);
        }
        var sentences = functional.normalize(tanh(head.call(states[TensorIndex.Colon, 0])), dim: 1);
        var views = sentences.chunk(2);
        return functional.cross_entropy(views[0].matmul(views[1].t()) / Temperature, arange(views[0].shape[0]));
    }
}

/// <summary>Attention and the feed-forward part, each with dropout, the residual sum and layer normalisation behind it.</summary>
internal sealed class EncoderLayer : nn.Module<Tensor, Tensor, Tensor>
{
    private const int Width = SimCseLoss.Width;
    private readonly Linear query = Linear(Width, Width), key = Linear(Width, Width), value = Linear(Width, Width);
    private readonly Linear output = Linear(Width, Width);
    private readonly Linear inner = Linear(Width, SimCseLoss.Inner), outer = Linear(SimCseLoss.Inner, Width);
    private readonly LayerNorm attended = LayerNorm(Width, 1e-12), fed = LayerNorm(Width, 1e-12);
    private readonly Dropout dropout;
    private readonly double dropProbability;

    public EncoderLayer(double p)
        : base(nameof(EncoderLayer))
    {
        dropProbability = p;
        dropout = Dropout(p);
        RegisterComponents();
    }

    public override Tensor forward(Tensor states, Tensor there)
    {
        var context = functional.scaled_dot_product_attention(
            Split(query.call(states)), Split(key.call(states)), Split(value.call(states)), there.unsqueeze(1).unsqueeze(1),
            dropProbability);
        states = attended.call(states + dropout.call(output.call(context.transpose(1, 2).flatten(2))));
        return fed.call(states + dropout.call(outer.call(functional.gelu(inner.call(states)))));
    }

    private static Tensor Split(Tensor rows) => rows.unflatten(2, SimCseLoss.Heads, Width / SimCseLoss.Heads).transpose(1, 2);
}
