using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Layers;

namespace DropoutLab.Auditing;

/// <summary>The symbolic values of a weight layer that an audit reads.</summary>
internal sealed record LayerValues(WeightLayer Layer, Value OutputGradient, Value InputGradient)
{
    /// <summary>h ⊙ F.</summary>
    public Value ForwardView => Layer.Views.Operator is TwoPass ? Layer.Views.Inputs[0] : Layer.Views;

    /// <summary>h ⊙ B.</summary>
    public Value BackwardView => Differentiation.BackwardView(Layer.Views);

    public IEnumerable<Value> All =>
        [Layer.Input, Layer.Output, OutputGradient, InputGradient, .. Masks(ForwardView, Layer.Input),
            .. Masks(BackwardView, Layer.Input)];

    /// <exception cref="DropoutLabException">The audit's equations are not those of the layer.</exception>
    public static LayerValues Of(WeightLayer layer, Differentiation differentiation)
    {
        if (layer.Output.Operator is not (Convolution or LinearMap) || layer.Output.Inputs[0] != layer.Views
            || layer.Output.Inputs.Skip(1).Any(weight => weight.Operator is not ParameterSource))
        {
            throw new DropoutLabException(
                $"layer {layer.Name} cannot be audited: what it gives is no convolution and no linear map, by parameters, of "
                    + "what it reads");
        }

        if (layer.Input.Operator is TwoPass)
            throw new DropoutLabException(
                $"layer {layer.Name} cannot be audited: its input has two views before its own dropout; apply them at sites of "
                    + $"{nameof(Dropout.DropoutSettings)}");
        return new(layer, differentiation.Of(layer.Output)!, differentiation.Of(layer.Input)!);
    }

    /// <summary>The masks between h and a view of it.</summary>
    public static IEnumerable<Value> Masks(Value view, Value h)
    {
        for (; view != h; view = view.Inputs[0])
            yield return view.Inputs[1];
    }
}
