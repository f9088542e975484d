using DropoutLab.Backends.OneDnn.Native;
using DropoutLab.Backends.OneDnn.Winograd;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using Sizes = DropoutLab.Graph.Operators.ConvolutionGeometry;

namespace DropoutLab.Backends.OneDnn;

/// <summary>
/// Adds the kernels of convolutions and linear layers to a plan: by transformed tiles where their sizes fit, else oneDNN's.
/// </summary>
internal sealed class WeightKernels : IDisposable
{
    private readonly bool multipliesFloats;
    private readonly TileKernels tiles;
    private readonly PrimitiveLayers primitives;

    public WeightKernels(OneDnnLibrary library, PlanBuilder builder, MaskedInputs maskedInputs, FloatBuffers floats)
    {
        LayerBuffers buffers = new(builder, floats);
        multipliesFloats = buffers.PlanType == ElementType.Float32 || !library.HasNativeBFloat16;
        tiles = new TileKernels(builder, buffers, maskedInputs);
        primitives = new PrimitiveLayers(library, builder, buffers);
    }

    /// <summary>z = W h + b, and max(z, 0) where <paramref name="result"/> is a ReLU of it.</summary>
    public void Forward(Value layer, Value result)
    {
        Sizes sizes = SizesOf(layer.Operator, layer.Inputs[0].Shape, layer.Inputs[1].Shape);
        if (multipliesFloats && WinogradTiles.Fits(sizes))
            tiles.Forward(sizes, layer, result);
        else
            primitives.Forward(sizes, layer, result);
    }

    public void InputGradient(Value gradient)
    {
        Operator forward = gradient.Operator is ConvolutionInputGradient convolution ? convolution.Forward : new LinearMap();
        Sizes sizes = SizesOf(forward, gradient.Shape, gradient.Inputs[1].Shape);
        if (multipliesFloats && WinogradTiles.Fits(sizes))
            tiles.InputGradient(sizes, gradient);
        else
            primitives.InputGradient(sizes, gradient);
    }

    /// <summary>∂J/∂W, and with it ∂J/∂b where there is one.</summary>
    public void WeightGradient(Value gradient, Value? biasGradient)
    {
        Operator forward = gradient.Operator is ConvolutionWeightGradient convolution ? convolution.Forward : new LinearMap();
        Sizes sizes = SizesOf(forward, gradient.Inputs[0].Shape, gradient.Shape);
        if (multipliesFloats && WinogradTiles.FitsWeightGradient(sizes))
            tiles.WeightGradient(sizes, gradient, biasGradient);
        else
            primitives.WeightGradient(sizes, gradient, biasGradient);
    }

    public void Dispose() => primitives.Dispose();

    private static Sizes SizesOf(Operator forward, Shape input, Shape weight) =>
        forward is Convolution convolution ? Sizes.Of(convolution, input, weight) : Sizes.OfLinear(input, weight);
}
