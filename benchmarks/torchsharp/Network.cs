using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharpSteps;

/// <summary>A module whose value is the loss of a batch, what it is trained on, and how.</summary>
internal sealed class Network(
    int batch, nn.Module<Tensor, Tensor, Tensor> loss, Func<int, (Tensor, Tensor)> makeBatch,
    Func<IEnumerable<Parameter>, optim.Optimizer> optimizer)
{
    public int Batch => batch;

    public static Network ConvNetQuick(double p) => Classifier(
        100, 0.001, 0.004,
        Conv2d(3, 32, 5, padding: 2), MaxPool2d(3, 2, ceil_mode: true), ReLU(), Dropout(p),
        Conv2d(32, 32, 5, padding: 2), ReLU(), AvgPool2d(3, 2, ceil_mode: true), Dropout(p),
        Conv2d(32, 64, 5, padding: 2), ReLU(), AvgPool2d(3, 2, ceil_mode: true), Flatten(), Dropout(p),
        Linear(64 * 4 * 4, 64), Dropout(p),
        Linear(64, 10));

    public static Network ResNet20(double p)
    {
        List<nn.Module<Tensor, Tensor>> layers =
            [Conv2d(3, 16, 3, padding: 1, bias: false), BatchNorm2d(16), ReLU(inplace: true)];
        foreach (var channels in (int[])[16, 32, 64])
        {
            for (var block = 0; block < 3; block++)
            {
                layers.Add(new ResidualBlock(block == 0 && channels > 16 ? channels / 2 : channels, channels, p));
            }
        }
        return Classifier(128, 0.1, 1e-4, [.. layers, AdaptiveAvgPool2d(1), Flatten(), Dropout(p), Linear(64, 10)]);
    }

    /// <summary>A batch of 64 sentences in two views, of 8 to 32 tokens, 20 on average, padded.</summary>
    public static Network SimCse(double p) =>
        new(64, new SimCseLoss(p), Sentences, parameters => optim.AdamW(parameters, 3e-5, weight_decay: 0));

    /// <summary>The layers one behind the other, without a dropout that drops nothing.</summary>
    public static Sequential Chain(params IEnumerable<nn.Module<Tensor, Tensor>> layers) =>
        Sequential(layers.Where(layer => layer is not TorchSharp.Modules.Dropout { p: 0 }));

    /// <summary>One step over the same batch each time; what it makes on the way is freed at its end.</summary>
    public Action TrainingStep(int count)
    {
        var (data, targets) = makeBatch(count);
        var update = optimizer(loss.parameters());
        return () =>
        {
            using var scope = NewDisposeScope();
            update.zero_grad();
            loss.call(data, targets).backward();
            update.step();
        };
    }

    private static Network Classifier(int batch, double rate, double decay, params nn.Module<Tensor, Tensor>[] layers) => new(
        batch, new CrossEntropyOf(Chain(layers)), Images,
        parameters => optim.SGD(parameters, rate, 0.9, weight_decay: decay));

    private static (Tensor, Tensor) Images(int count) => (randn(count, 3, 32, 32), randint(10, count));

    private static (Tensor, Tensor) Sentences(int count)
    {
        var lengths = Enumerable.Range(0, count).Select(sentence => 8L + 7 * sentence % 25).ToArray();
        var there = (arange(lengths.Max()).unsqueeze(0) < tensor(lengths).unsqueeze(1)).repeat(2, 1);
        var tokens = randint(1000, 30522, [count, lengths.Max()], dtype: int64).repeat(2, 1);
        return (tokens * there, there);
    }
}

/// <summary>Cross-entropy of a network's logits.</summary>
internal sealed class CrossEntropyOf : nn.Module<Tensor, Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> network;

    public CrossEntropyOf(nn.Module<Tensor, Tensor> network)
        : base(nameof(CrossEntropyOf))
    {
        this.network = network;
        RegisterComponents();
    }

    public override Tensor forward(Tensor images, Tensor labels) => functional.cross_entropy(network.call(images), labels);
}

/// <summary>Two convolutions with a shortcut; where the channels double, the new ones are 0.</summary>
internal sealed class ResidualBlock : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> residual;
    private readonly long newChannels;

    public ResidualBlock(int inputs, int channels, double p)
        : base(nameof(ResidualBlock))
    {
        newChannels = channels - inputs;
        residual = Network.Chain(
            Dropout(p), Conv2d(inputs, channels, 3, newChannels > 0 ? 2 : 1, 1, bias: false), BatchNorm2d(channels),
            ReLU(inplace: true), Dropout(p), Conv2d(channels, channels, 3, 1, 1, bias: false), BatchNorm2d(channels));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) => functional.relu(residual.call(x) + Shortcut(x), inplace: true);

    private Tensor Shortcut(Tensor x) => newChannels == 0
        ? x
        : functional.pad(
            x.index(TensorIndex.Colon, TensorIndex.Colon, TensorIndex.Slice(step: 2), TensorIndex.Slice(step: 2)),
            [0, 0, 0, 0, 0, newChannels]);
}
