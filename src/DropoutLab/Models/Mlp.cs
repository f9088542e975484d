using DropoutLab.Graph;
using DropoutLab.Layers;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Models;

/// <summary>A multilayer perceptron: linear layers fc1, fc2, … with ReLU between them, He's initialisation, biases 0.</summary>
public static class Mlp
{
    /// <param name="input">What a datum is; it is flattened.</param>
    /// <param name="outputCount">The number of logits, or of numbers to predict.</param>
    /// <param name="hidden">The widths of the hidden layers; 512 and 512 by default.</param>
    public static Network Create(Shape input, int outputCount, params int[] hidden)
    {
        int[] widths = hidden.Length > 0 ? hidden : [512, 512];
        return new Network("mlp", input, outputCount, (builder, images) =>
        {
            Value h = Flatten(images);
            for (int i = 0; i < widths.Length; i++)
                h = Relu(new Linear($"fc{i + 1}", widths[i]).Apply(builder, h));
            return new Linear($"fc{widths.Length + 1}", outputCount).Apply(builder, h);
        });
    }
}
